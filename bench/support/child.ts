import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { MusterError } from '../../domain/errors.ts'
import { tieToThisProcess } from '../../scripts/setup/lifeline.mjs'
import type { BenchContext } from '../row.ts'
import type { Cleanup } from '../../cli/stack/cleanup.ts'
import type { FromRole, Usage } from './role.ts'

/** A process under test: its CPU time and memory are its own. */
export interface Child<E = never> {
  ask<T>(what: string, argument?: unknown): Promise<T>
  usage(): Promise<Usage>
  /** Set by whoever wants to hear of what happens in there. */
  onEvent: (event: E) => void
}

const ENTRIES = {
  worker: new URL('../roles/worker.ts', import.meta.url),
  quickWorker: new URL('../roles/quick-worker.ts', import.meta.url),
  api: new URL('../roles/api.ts', import.meta.url),
  rawBeats: new URL('../roles/raw-beats.ts', import.meta.url),
}

export interface ChildOptions<O> {
  context: BenchContext
  role: keyof typeof ENTRIES
  options: O
}

/**
 * Starts a role in a process of its own and waits until it is ready.
 * @throws MusterError `unavailable` when it ends instead; what it said stands on stderr
 */
export async function startChild<O extends object, E = never>(
  { context, role, options }: ChildOptions<O>,
  cleanup: Cleanup,
): Promise<Child<E>> {
  const { profileDir } = context
  const process = fork(fileURLToPath(ENTRIES[role]), [JSON.stringify(options)], {
    execArgv: profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const lifeline = tieToThisProcess(process.pid ?? 0)
  const { ask, child, ready } = converse<E>(process, role)
  cleanup.add(role, async () => {
    await ask('end').catch(() => undefined) // one that is gone cannot answer
    const exit = process.exitCode === null && process.signalCode === null ? once(process, 'exit') : undefined
    process.disconnect()
    await exit
    lifeline.release()
  })
  await ready
  return child
}

function converse<E>(process: ChildProcess, role: string) {
  const open = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  const ready = Promise.withResolvers<void>()
  let lastId = 0
  const ask = <T>(what: string, argument?: unknown): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      lastId += 1
      open.set(lastId, { resolve, reject })
      process.send({ id: lastId, ask: what, argument }, (error) => error && reject(error))
    })
  const child: Child<E> = { ask, usage: () => ask<Usage>('usage'), onEvent: () => {} }
  process.on('message', (message: FromRole) => {
    if (message.kind === 'ready') return ready.resolve()
    if (message.kind === 'event') return child.onEvent(message.event as E)
    const asked = open.get(message.id)
    open.delete(message.id)
    return message.kind === 'answer'
      ? asked?.resolve(message.value as never)
      : asked?.reject(new MusterError('internal', `${role}: ${message.message}`))
  })
  process.once('exit', (code, signal) => {
    const error = new MusterError(
      'unavailable',
      `the process "${role}" has ended (${signal ?? code}); see above`,
    )
    ready.reject(error)
    for (const { reject } of open.values()) reject(error)
  })
  return { ask, child, ready: ready.promise }
}
