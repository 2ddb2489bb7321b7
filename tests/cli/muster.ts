import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import { findTemporalCli } from '../../scripts/setup/temporal.mjs'
import { tieToThisProcess } from '../../scripts/setup/lifeline.mjs'

const root = join(import.meta.dirname, '../..')
const main = join(root, 'cli/main.ts')

/** A place for one test: whatever runs or lies in it can be found again. */
export interface Place {
  folder: string
  /** For every process of this test: its temporary files, home and remembered stack are in the folder. */
  env: Record<string, string>
}

/** A folder that goes when the test ends, and everything that still runs in it. */
export async function createPlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-cli-'))
  onTestFinished(() => {
    for (const { pid } of processesIn(folder)) kill(pid)
    rmSync(folder, { recursive: true, force: true })
  })
  const env = {
    TMPDIR: folder,
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    MUSTER_TEMPORAL_CLI: await findTemporalCli(),
    // Nothing of the real cloud is asked, and nothing of this machine's own credentials is used.
    ALIBABA_CLOUD_ECS_METADATA_DISABLED: 'true',
    ALIBABA_CLOUD_ACCESS_KEY_ID: '',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: '',
    MUSTER_API_URL: '',
    MUSTER_API_TOKEN: '',
    TEMPORAL_ADDRESS: '',
    NO_COLOR: '',
  }
  return { folder, env }
}

/** The command, running. */
export interface Muster {
  pid: number
  stdout: string[]
  stderr: string[]
  /** First line of JSON on stdout, or the failure that ended the process before it. */
  ready<T>(timeoutMs?: number): Promise<T>
  /** To the process alone. */
  signal(name: NodeJS.Signals): void
  ended: Promise<Ended>
  /** Sends the signal and waits for the end, which has its time. */
  end(name: NodeJS.Signals, withinMs?: number): Promise<Ended>
}

export interface Ended {
  /** 128 + number when a signal ended it. */
  code: number
  stdout: string
  stderr: string
}

export interface StartOptions {
  env?: Record<string, string>
  /** Another program than the command. */
  program?: string
}

export function startMuster(place: Place, args: string[], options: StartOptions = {}): Muster {
  const child = spawn(process.execPath, [options.program ?? main, ...args], {
    cwd: place.folder,
    env: { ...process.env, ...place.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error('node cannot be started')
  const lifeline = tieToThisProcess(pid)
  const stdout = linesOf(child.stdout)
  const stderr = linesOf(child.stderr)
  const ended = endOf(child, stdout, stderr)
  let over: Ended | undefined
  void ended.then((end) => {
    lifeline.release()
    over = end
  })
  return {
    pid,
    stdout,
    stderr,
    ended,
    signal: (name) => void child.kill(name),
    end: async (name, withinMs = 40_000) => {
      child.kill(name)
      const words = args.join(' ')
      await waitFor(`muster ${words} to end on ${name}`, () => over, { timeoutMs: withinMs }).catch(
        (error: unknown) => {
          throw new Error(`${String(error)}; it said: ${stderr.slice(-20).join('\n')}`, { cause: error })
        },
      )
      return await ended
    },
    ready: async <T>(timeoutMs = 60_000) =>
      await waitFor(
        `muster ${args.join(' ')} to be ready`,
        () => {
          const line = stdout.find((text) => text.startsWith('{'))
          const said = line === undefined ? undefined : (JSON.parse(line) as T & { ok?: boolean })
          if (said?.ok === false) throw new Error(`muster ${args.join(' ')} is not ready: ${line}`)
          if (said !== undefined) return said
          if (over) throw new Error(`muster ${args.join(' ')} ended with ${over.code}: ${over.stderr}`)
          return undefined
        },
        { timeoutMs },
      ),
  }
}

/** Runs the command to its end. */
export const runMuster = (place: Place, args: string[], options: StartOptions = {}): Promise<Ended> =>
  startMuster(place, args, options).ended

/** Runs it with `--json` and reads its last line; a failure is an error with what it said. */
export async function askMuster<T>(place: Place, args: string[], options: StartOptions = {}): Promise<T> {
  const { code, stdout, stderr } = await runMuster(place, [...args, '--json'], options)
  if (code !== 0) throw new Error(`muster ${args.join(' ')} ended with ${code}: ${stderr}`)
  return lastJson<T>(stdout)
}

export const lastJson = <T>(stdout: string): T => JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T

function linesOf(stream: NodeJS.ReadableStream): string[] {
  const lines: string[] = []
  createInterface({ input: stream }).on('line', (line) => lines.push(line))
  return lines
}

function endOf(child: ChildProcess, stdout: string[], stderr: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      const number =
        signal === null ? 0 : ({ SIGINT: 2, SIGKILL: 9, SIGTERM: 15 } as Record<string, number>)[signal]
      resolve({ code: code ?? 128 + (number ?? 0), stdout: stdout.join('\n'), stderr: stderr.join('\n') })
    })
  })
}

/** Every process that was started with this folder in its words, or works in it. Linux tells; elsewhere none is seen. */
export function processesIn(folder: string): { pid: number; words: string }[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const words = read(() => readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' '))
      const environment = read(() => readFileSync(`/proc/${name}/environ`, 'latin1'))
      const cwd = read(() => readlinkSync(`/proc/${name}/cwd`))
      const isIn = [words, environment, cwd].some((text) => text.includes(folder))
      return isIn && words !== '' ? [{ pid: Number(name), words }] : []
    })
}

/** What has ended since, or is not ours, says nothing. */
function read(look: () => string): string {
  try {
    return look()
  } catch {
    return ''
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Waits until nothing of the place runs any more: helpers that end what a killed process left need a moment. */
export async function untilNothingRuns({ folder }: Place, timeoutMs = 15_000): Promise<void> {
  await waitFor(`nothing to run in ${folder}`, () => processesIn(folder).length === 0, { timeoutMs }).catch(
    (error: unknown) => {
      const left = processesIn(folder).map(({ pid, words }) => `${pid} ${words}`)
      throw new Error(`${String(error)}; still running: ${left.join(' | ')}`, { cause: error })
    },
  )
}

/** Asks an API without a process of the command: for waiting. */
export async function getJson<T>(api: string, path: string, token: string): Promise<T> {
  const response = await fetch(`${api}${path}`, { headers: { authorization: `Bearer ${token}` } })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
