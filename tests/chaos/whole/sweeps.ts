import { sweepWorkflowId } from '../../../domain/ids.ts'
import { WORKFLOWS } from '../../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../../domain/queues.ts'
import type { SweepInput, SweepReport } from '../../../domain/sweep/types.ts'
import type { AuditEntry } from '../../../store/audit-contract.ts'
import type { Store } from '../../../store/contract.ts'
import { CONTROLLER, REGION, type Processes } from '../../support/processes.ts'
import { liveInstances } from '../../support/whole-cloud.ts'
import type { Stage } from './stage.ts'

/** Ten minutes become seconds, as everything else here. */
const AGE_GUARD_MS = 3_000
const SWEEP_MS = 20_000
/** Marked by the first, deleted by a later one; each may meet something that is just coming back. */
const LAST_SWEEPS = 20
const PAGE = 1_000

/** Sweeps once. @returns undefined when it has not ended in time, or nobody was there to ask */
export async function sweepOnce({ client, namespaceId }: Processes): Promise<SweepReport | undefined> {
  const input: SweepInput = {
    controller: CONTROLLER,
    namespaceId,
    region: REGION,
    by: 'chaos',
    why: 'to see whom it takes',
    policy: { ageGuardMs: AGE_GUARD_MS },
  }
  const ask = async () => {
    const handle = await client.workflow.start(WORKFLOWS.sweep, {
      workflowId: sweepWorkflowId(CONTROLLER),
      taskQueue: MUSTER_QUEUE,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    })
    return (await handle.result()) as SweepReport
  }
  try {
    return await client.connection.withDeadline(Date.now() + SWEEP_MS, ask)
  } catch {
    return undefined
  }
}

/** Sweeps until the one orphan is gone. @returns what stands in the way, in words */
export async function lastSweeps({ world, orphan }: Stage): Promise<string[]> {
  let last: SweepReport | undefined
  for (let sweeps = 0; sweeps < LAST_SWEEPS; sweeps += 1) {
    if (!liveInstances(world).some(({ id }) => id === orphan)) return []
    last = (await sweepOnce(world)) ?? last
  }
  const seen = last?.lines.find(({ id }) => id === orphan)
  return [
    `${orphan} is claimed by nobody, and no sweep has deleted it: ${JSON.stringify(seen ?? last?.alarms ?? 'none has ended')}`,
  ]
}

/** What sweeps wanted to delete, by the audit. */
export async function deletesOfSweeps({ audit }: Pick<Store, 'audit'>): Promise<AuditEntry[]> {
  const all: AuditEntry[] = []
  for (;;) {
    const before = all.at(-1)?.id
    const page = await audit.list({ who: 'sweep', limit: PAGE, ...(before !== undefined && { before }) })
    all.push(...page)
    if (page.length < PAGE) return all.filter(({ what }) => what.startsWith('delete '))
  }
}
