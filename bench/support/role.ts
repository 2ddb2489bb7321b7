import { getHeapStatistics } from 'node:v8'

/** What a process under test can be asked beside its own asks. */
export interface Usage {
  /** User and system time of the whole process since its start. */
  cpuMs: number
  rssBytes: number
  /** Of the main thread's heap. */
  heapBytes: number
}

/** What a role is while it plays: answers to what the bench asks, and its end. */
export interface RolePlay {
  asks?: Record<string, (argument: never) => Promise<unknown>>
  end(): Promise<void>
}

export type ToRole = { id: number; ask: string; argument?: unknown }
export type FromRole =
  | { kind: 'ready' }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'failure'; id: number; message: string }
  | { kind: 'event'; event: unknown }

/**
 * The main function of a process under test: begins, says that it is ready, answers until it is asked to end or the
 * bench is gone. Its options come as JSON in the first argument.
 */
export async function playRole<O, E = never>(
  begin: (options: O, tell: (event: E) => void) => Promise<RolePlay>,
): Promise<void> {
  const send = (message: FromRole) => void process.send?.(message)
  const play = await begin(JSON.parse(process.argv[2] ?? '{}') as O, (event) =>
    send({ kind: 'event', event }),
  )
  const asks: Record<string, (argument: never) => Promise<unknown>> = {
    ...play.asks,
    usage: () => Promise.resolve(usage()),
    end: () => play.end(),
  }
  process.on('disconnect', () => process.exit(1))
  process.on('message', ({ id, ask, argument }: ToRole) => {
    const answer = asks[ask]?.(argument as never) ?? Promise.reject(new Error(`nobody answers "${ask}"`))
    answer.then(
      (value) => send({ kind: 'answer', id, value }),
      (error: unknown) => send({ kind: 'failure', id, message: String(error) }),
    )
  })
  send({ kind: 'ready' })
}

function usage(): Usage {
  const { user, system } = process.cpuUsage()
  return {
    cpuMs: (user + system) / 1_000,
    rssBytes: process.memoryUsage.rss(),
    heapBytes: getHeapStatistics().used_heap_size,
  }
}
