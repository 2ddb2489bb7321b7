import { hostOfWorkflowId } from '../../../domain/ids.ts'
import { WORKFLOWS } from '../../../domain/messages.ts'
import type { AuditRow } from '../../../store/contract.ts'
import { journalGaps, type Life } from '../../support/journal-gaps.ts'
import type { Processes } from '../../support/processes.ts'
import { liveInstances, type CloudWatch } from '../../support/whole-cloud.ts'
import { tooManyLive, type LaunchRecord } from './launches.ts'
import type { Stage } from './stage.ts'
import { deletesOfSweeps } from './sweeps.ts'

/** What was seen of a whole run. */
export interface Evidence {
  /** By attempt, the instances it has had. */
  made: CloudWatch['made']
  /** Moments at which one host had two live instances. */
  doubles: readonly string[]
  launches: LaunchRecord
  /** Instances of others, and what the cloud has in the end. */
  strangers: readonly string[]
  there: ReadonlySet<string>
  /** What sweeps wanted to delete, and the one instance that they were to. */
  swept: readonly Pick<AuditRow, 'what' | 'target' | 'why'>[]
  orphan: string
  /** What the journal lacks, in words. */
  gaps: readonly string[]
  /** How hosts have ended. */
  ends: readonly { workflowId: string; status: string }[]
}

const MOST_NAMED = 10

/** What must not have happened on the way, whatever was made to happen; in words. */
export function breaches(evidence: Evidence): string[] {
  const { made, doubles, launches, strangers, there, gaps } = evidence
  const several = [...made].filter(([, ids]) => ids.size > 1)
  return [
    ...[...new Set(doubles)].slice(0, MOST_NAMED).map((double) => `two live instances at once: ${double}`),
    ...tooManyLive(launches),
    ...several.map(([attempt, ids]) => `${attempt} has had ${ids.size} instances: ${[...ids].join(', ')}`),
    ...strangers.filter((id) => !there.has(id)).map((id) => `${id} is no host's, and was deleted`),
    ...sweptTooMuch(evidence),
    ...gaps,
    ...badEnds(evidence),
  ]
}

/** Sweeps have deleted the orphan, and nothing else: a host sees to its instances itself. */
const sweptTooMuch = ({ swept, orphan }: Evidence): string[] =>
  swept
    .filter(({ what }) => !what.endsWith(` ${orphan}`))
    .map(({ what, target, why }) => `a sweep wanted to ${what} of ${target}: ${why}`)

/** A host ends by retiring, in no other way. */
const badEnds = ({ ends }: Evidence): string[] =>
  ends
    .filter(({ status }) => status !== 'COMPLETED')
    .map(({ workflowId, status }) => `${workflowId} has ended as ${status}`)

export async function gatherEvidence(
  stage: Stage,
  { made, doubles }: CloudWatch,
  launches: LaunchRecord,
): Promise<Evidence> {
  const { world, strangers, orphan } = stage
  const { lives, ends } = await livesOf(world)
  return {
    made,
    doubles,
    launches,
    strangers,
    there: new Set(liveInstances(world).map(({ id }) => id)),
    swept: await deletesOfSweeps(world.store),
    orphan,
    gaps: await journalGaps(world, lives),
    ends,
  }
}

/** Every life of every host, also of those that have ended long ago. */
async function livesOf({ client }: Processes): Promise<{ lives: Life[]; ends: Evidence['ends'] }> {
  const lives: Life[] = []
  const ends: { workflowId: string; status: string }[] = []
  // A run that went on as a new one has handed its count to that.
  const query = `WorkflowType = '${WORKFLOWS.host}' AND ExecutionStatus != 'ContinuedAsNew'`
  for await (const { workflowId, runId, status } of client.workflow.list({ query })) {
    const host = hostOfWorkflowId(workflowId)
    if (host !== undefined) lives.push({ workflowId, runId, host })
    if (status.name !== 'RUNNING') ends.push({ workflowId, status: status.name })
  }
  return { lives, ends }
}
