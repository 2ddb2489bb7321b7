import { isGrpcServiceError, type Client } from '@temporalio/client'
import { NamespaceNotFoundError } from '@temporalio/common'
import { MusterError } from '../../domain/errors.ts'

/** The SDK tries again for longer than a person waits; our own command hears nothing after 15 s. */
const DEADLINE_MS = 10_000
/** A try that fails just before that is followed by a pause of the SDK's, of up to seven seconds. */
const LATEST_MS = DEADLINE_MS + 1_000
const NO_ANSWER = 'it does not answer; see that it runs, and try again'

/** As gRPC numbers them. */
const DEADLINE_EXCEEDED = 4
const UNAVAILABLE = 14

/**
 * Asks Temporal something and waits ten seconds for it.
 *
 * @param what `list the schedules`
 * @throws MusterError `unavailable` for what the server did not answer, in one line with what to do; ours go through
 */
export async function orUnavailable<T>(client: Client, what: string, ask: () => Promise<T>): Promise<T> {
  const unavailable = (why: string, cause?: unknown) =>
    new MusterError('unavailable', `Temporal did not ${what}: ${why}`, { cause })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable(NO_ANSWER)), LATEST_MS)
  })
  try {
    return await Promise.race([client.connection.withDeadline(Date.now() + DEADLINE_MS, ask), late])
  } catch (cause) {
    if (cause instanceof MusterError) throw cause
    const why = reasonOf(client, cause)
    if (why === undefined) throw cause
    throw unavailable(why, cause)
  } finally {
    clearTimeout(timer)
  }
}

/** Undefined for what is no answer of a server. */
function reasonOf({ options }: Client, error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (error instanceof NamespaceNotFoundError) {
    return `it has no namespace ${options.namespace}; make it with muster temporal setup --namespace ${options.namespace}`
  }
  const server = [error, error.cause].find((one) => isGrpcServiceError(one))
  if (server === undefined) return undefined
  if (server.code === UNAVAILABLE || server.code === DEADLINE_EXCEEDED) {
    return NO_ANSWER
  }
  return `${server.details.replaceAll(/\s*\n\s*/g, ' ')}; try again`
}
