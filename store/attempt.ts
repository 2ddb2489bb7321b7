import type { AttemptKey } from '../domain/ids.ts'

/** The columns of a key, for `where` by object. */
export function attemptColumns({ host, generation, attempt }: AttemptKey): AttemptKey {
  return { host, generation, attempt }
}
