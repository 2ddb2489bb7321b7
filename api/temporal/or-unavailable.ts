import { isGrpcServiceError, type Client } from '@temporalio/client'
import { NamespaceNotFoundError } from '@temporalio/common'
import { MusterError } from '../../domain/errors.ts'

/**
 * The SDK tries again for longer than a person waits, and our own command hears nothing after 15 s. A try that fails just
 * before the deadline is followed by one more pause of the SDK's, of up to six seconds.
 */
const DEADLINE_MS = 7_000

/** As gRPC numbers them. */
const DEADLINE_EXCEEDED = 4
const UNAVAILABLE = 14

/**
 * Asks Temporal something and waits for it, thirteen seconds at most.
 *
 * @param what `list the schedules`
 * @throws MusterError `unavailable` for what the server did not answer, in one line with what to do; ours go through
 */
export async function orUnavailable<T>(client: Client, what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await client.connection.withDeadline(Date.now() + DEADLINE_MS, ask)
  } catch (cause) {
    if (cause instanceof MusterError) throw cause
    const why = reasonOf(client, cause)
    if (why === undefined) throw cause
    throw new MusterError('unavailable', `Temporal did not ${what}: ${why}`, { cause })
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
    return 'it does not answer; see that it runs, and try again'
  }
  return `${server.details.replaceAll(/\s*\n\s*/g, ' ')}; try again`
}
