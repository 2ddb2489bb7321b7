import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

import { MusterError } from '../../domain/errors.ts'
import { tieToThisProcess } from '../setup/lifeline.mjs'

/** A server that was asked to end gets this long before SIGKILL. */
const STOP_MS = 5_000
/** Pause between two looks at a server that is starting: it takes about 300 ms. */
const POLL_MS = 50
/** How much of the server's own words an error repeats. */
const LAST_LINES = 20

export interface ChildServer {
  pid: number
  /** Ends it by SIGTERM, after 5 s by SIGKILL; done when it is gone. Calling it again is harmless. */
  stop(): Promise<void>
  /** Ends it by SIGKILL, as a crash would. */
  kill(): Promise<void>
  /** Resolves with how it ended when it has ended on its own, never otherwise. */
  crashed: Promise<string>
}

export interface ChildServerOptions {
  /** What an error calls it. */
  name: string
  program: string
  args: readonly string[]
  /** Beside this process's own environment. */
  env?: Record<string, string>
  log: ((line: string) => void) | undefined
  readyTimeoutMs: number
  /** Rejects while the server is not ready yet; must not take longer than `leftMs`. */
  probe: (leftMs: number) => Promise<void>
}

/**
 * Starts a server as a child of its own process group and waits until `probe` succeeds. The child never outlives
 * this process, however that ends; a Ctrl-C in the terminal does not reach it, so that its users can end first.
 * @throws MusterError `unavailable` when it ends or cannot be run, `timed_out` when it is not ready in time; both
 *   repeat what it said last, and nothing is left running
 */
export async function startChildServer(options: ChildServerOptions): Promise<ChildServer> {
  const { name, program, args, env, log, readyTimeoutMs } = options
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(env && { env: { ...process.env, ...env } }),
  })
  let isStopping = false
  // What a server says while it is being ended (cancelled polls, closed connections) is news to nobody.
  const lastLines = followLines(child, (line) => void (isStopping || log?.(line)))
  const ended = untilEnded(child)
  const { pid } = child
  if (pid === undefined) {
    throw new MusterError('unavailable', `cannot run ${name}: ${await ended}; check the path ${program}`)
  }
  const lifeline = tieToThisProcess(pid, { group: true, graceSeconds: STOP_MS / 1_000 })
  void ended.then(() => lifeline.release())
  const end = (signal: NodeJS.Signals) => {
    isStopping = true
    return endChild(child, ended, signal)
  }
  const problem = await untilReady(options, ended)
  if (problem !== undefined) {
    await end('SIGKILL')
    throw new MusterError(problem.code, `${name} ${problem.text}\n${lastLines.join('\n')}`.trimEnd(), {
      cause: problem.cause,
      details: { program, readyTimeoutMs },
    })
  }
  const crashed = new Promise<string>((resolve) => {
    void ended.then((how) => void (isStopping || resolve([how, ...lastLines].join('\n'))))
  })
  return { pid, stop: () => end('SIGTERM'), kill: () => end('SIGKILL'), crashed }
}

interface Problem {
  code: 'unavailable' | 'timed_out'
  text: string
  cause: unknown
}

/** Asks again and again until the server answers, ends, or has had its time. */
async function untilReady(
  { probe, readyTimeoutMs }: ChildServerOptions,
  ended: Promise<string>,
): Promise<Problem | undefined> {
  const deadline = performance.now() + readyTimeoutMs
  const gone = ended.then((how) => ({ how }))
  let cause: unknown
  for (let left = readyTimeoutMs; left > 0; left = deadline - performance.now()) {
    const answer = await Promise.race([gone, probe(left).then(() => 'ready' as const, failure)])
    if (answer === 'ready') return undefined
    if ('how' in answer) {
      return { code: 'unavailable', text: `ended before it was ready: ${answer.how}`, cause }
    }
    cause = answer.error
    await Promise.race([gone, delay(Math.min(POLL_MS, left))])
  }
  return { code: 'timed_out', text: `was not ready within ${readyTimeoutMs} ms`, cause }
}

function failure(error: unknown): { error: unknown } {
  return { error }
}

/** Resolves with how the child ended, once all it said has been read: never rejects. */
function untilEnded(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
  })
}

async function endChild(child: ChildProcess, ended: Promise<string>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}

/** Hands each line of output on and keeps the last ones. */
function followLines(child: ChildProcess, log: (line: string) => void): string[] {
  const lastLines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      lastLines.push(line)
      if (lastLines.length > LAST_LINES) lastLines.shift()
      log(line)
    })
  }
  return lastLines
}
