import { MusterError } from '../domain/errors.ts'

/** What a person, or the system, wants of this process. */
export interface StopSignal {
  /** Resolves with the first Ctrl-C or polite kill. */
  told: Promise<NodeJS.Signals>
  /** Aborted by the same; its reason is an error that says so. */
  signal: AbortSignal
}

/** Exit code of a process that did not wait for its own orderly end. */
const IMPATIENT = 130

/** From now on a signal is a wish to end in order. A second one ends the process at once; its children end with it. */
export function listenForStop(): StopSignal {
  const abort = new AbortController()
  const told = new Promise<NodeJS.Signals>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (abort.signal.aborted) process.exit(IMPATIENT)
        abort.abort(new MusterError('unavailable', `ended by ${name} before it was done`))
        resolve(name)
      })
    }
  })
  return { told, signal: abort.signal }
}

/**
 * The result of `start`, or undefined if the process is asked to stop while it waits for something that is down. What
 * is half started is left to the end of the process.
 */
export async function orStopped<T>({ told }: StopSignal, start: Promise<T>): Promise<T | undefined> {
  return await Promise.race([start, told.then(() => undefined)])
}
