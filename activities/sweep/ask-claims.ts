import { WorkflowNotFoundError } from '@temporalio/client'
import type { Client, WorkflowExecutionDescription } from '@temporalio/client'
import { defineSearchAttributeKey } from '@temporalio/common'
import { MusterError } from '../../domain/errors.ts'
import type { HostState } from '../../domain/host/types.ts'
import { generationOf, hostWorkflowId } from '../../domain/ids.ts'
import type { HostId } from '../../domain/ids.ts'
import { mapConcurrently } from '../../domain/map-concurrently.ts'
import { HOST_QUERIES } from '../../domain/messages.ts'
import type { Claim } from '../../domain/sweep/types.ts'
import { hasEnded } from '../workflow-status.ts'

/** Hosts asked at the same time. */
const CONCURRENCY = 20
/** One answer of the server, or of a host itself. */
const DEADLINE_MS = 5_000

const ATTEMPT = defineSearchAttributeKey('MusterAttempt', 'INT')
const INSTANCE = defineSearchAttributeKey('MusterInstanceId', 'KEYWORD')

/**
 * What the server keeps of each host's workflow: it needs no worker and never lags, unlike lists.
 *
 * @throws MusterError `unavailable` when the server gives no answer for one of them: then nothing is known of any
 */
export async function askClaims(temporal: Client, hosts: Iterable<HostId>): Promise<Record<HostId, Claim>> {
  const claims = await mapConcurrently([...new Set(hosts)], CONCURRENCY, async (host) => [
    host,
    await askClaim(temporal, host),
  ])
  return Object.fromEntries(claims) as Record<HostId, Claim>
}

async function askClaim(temporal: Client, host: HostId): Promise<Claim> {
  try {
    const handle = temporal.workflow.getHandle(hostWorkflowId(host))
    // A deadline of the network: real time, whatever clock the rest runs by.
    return claimOf(
      host,
      await temporal.connection.withDeadline(Date.now() + DEADLINE_MS, () => handle.describe()),
    )
  } catch (cause) {
    if (cause instanceof WorkflowNotFoundError) {
      return { kind: 'ended', how: `Temporal knows no host ${host} (any more)` }
    }
    throw new MusterError('unavailable', `Temporal did not say whether host ${host} runs`, { cause })
  }
}

function claimOf(host: HostId, { status, raw, typedSearchAttributes }: WorkflowExecutionDescription): Claim {
  if (hasEnded(status.name)) {
    return { kind: 'ended', how: `host ${host} has ended (${status.name.toLowerCase()})` }
  }
  const firstRunId = raw.workflowExecutionInfo?.firstRunId
  const attempt = typedSearchAttributes.get(ATTEMPT)
  const instanceId = typedSearchAttributes.get(INSTANCE)
  return {
    kind: 'running',
    byWorkflow: false,
    ...(firstRunId ? { generation: generationOf(firstRunId) } : {}),
    ...(attempt === undefined ? {} : { attempt }),
    ...(instanceId === undefined ? {} : { instanceId }),
  }
}

/** The host's own word, which needs a worker. Without an answer nothing follows: what it concerns is kept. */
export async function askHost(temporal: Client, host: HostId): Promise<Claim> {
  try {
    const handle = temporal.workflow.getHandle(hostWorkflowId(host))
    const { generation, current } = await temporal.connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      handle.query<HostState>(HOST_QUERIES.state),
    )
    const { n: attempt, instanceId } = current
    return {
      kind: 'running',
      byWorkflow: true,
      generation,
      attempt,
      ...(instanceId === undefined ? {} : { instanceId }),
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { kind: 'unanswered', why: `host ${host} does not answer: ${why}` }
  }
}
