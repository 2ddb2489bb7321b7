import { MusterError } from '../domain/errors.ts'

/**
 * Runs a query of the store for a request; a store that fails is a reason to come again, not an error of the caller.
 *
 * @param what for the text, as in "the store did not <what>"
 * @throws MusterError `unavailable`
 */
export async function askStore<T>(what: string, query: () => Promise<T>): Promise<T> {
  try {
    return await query()
  } catch (error) {
    if (error instanceof MusterError && !error.retryable) throw error
    throw new MusterError('unavailable', `the store did not ${what}; try again`, { cause: error })
  }
}
