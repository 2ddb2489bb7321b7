import { MusterError } from '../domain/errors.ts'

/**
 * A body as it came. Who hangs up within it gets an answer that nobody reads: that is no error of this process, and
 * fills no log.
 *
 * @throws MusterError `bad_request`
 */
export async function wholeBody<T>(read: Promise<T>): Promise<T> {
  try {
    return await read
  } catch (error) {
    throw new MusterError('bad_request', 'the body did not come whole', { cause: error })
  }
}
