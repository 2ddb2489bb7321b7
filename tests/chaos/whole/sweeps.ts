import { sweepWorkflowId } from '../../../domain/ids.ts'
import { WORKFLOWS } from '../../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../../domain/queues.ts'
import type { SweepInput, SweepReport } from '../../../domain/sweep/types.ts'
import { CONTROLLER, REGION, type Processes } from '../../support/processes.ts'
import { liveInstances } from '../../support/whole-cloud.ts'
import type { Stage } from './stage.ts'

/** Ten minutes become seconds, as everything else here. */
const AGE_GUARD_MS = 3_000
const SWEEP_MS = 20_000
/** Marked by the first, deleted by a later one; each may meet something that is just coming back. */
const LAST_SWEEPS = 20

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

/** Sweeps have deleted the orphan, and nothing else: a host sees to its instances itself. */
export async function sweptTooMuch({ world: { store }, orphan }: Stage): Promise<string[]> {
  const wrong: string[] = []
  let rows = await store.audit.list({ who: 'sweep', limit: 1_000 })
  while (rows.length > 0) {
    for (const { what, target, why } of rows) {
      if (what.startsWith('delete ') && !what.endsWith(` ${orphan}`))
        wrong.push(`a sweep wanted to ${what} of ${target}: ${why}`)
    }
    rows = await store.audit.list({ who: 'sweep', limit: 1_000, before: rows.at(-1)?.id ?? 0 })
  }
  return wrong
}
