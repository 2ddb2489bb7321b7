import { waitFor } from '../../../cli/wait-for.ts'
import { expand } from '../../../domain/fleet/slots.ts'
import type { FleetState } from '../../../domain/fleet/types.ts'
import { hostId } from '../../../domain/ids.ts'
import { WORKFLOWS } from '../../../domain/messages.ts'
import { stateOf } from '../../support/fleet-of-hosts.ts'
import { lasted } from '../../support/lasted.ts'
import type { Processes } from '../../support/processes.ts'
import { liveInstances } from '../../support/whole-cloud.ts'
import { FLEET, type Stage } from './stage.ts'
import { fleetProblems, isStopped, snapshotProblems, type Snapshot } from './problems.ts'

/** Boot deadlines, back-offs and retries of Temporal are over by then, even on a busy machine. */
const SETTLE_MS = 300_000
/** Between two words about what is still waited for. */
const SAY_EVERY_MS = 10_000
/** A rollout may meet boots that were spoiled before the calm, and stop: a person rolls again. */
const MOST_ROLLS = 3
const MOST_NAMED = 3
/** Longer than a heartbeat timeout: an agent that was wrongly told to stop is noticed by then. */
const STAYS_MS = 10_000

/** Waits until the fleet is whole, and stays so. @returns what it is not, in words; empty when it is */
export async function untilSettled(
  stage: Stage,
  hosts: number,
  say: (line: string) => void,
): Promise<string[]> {
  let problems = ['it was never looked at']
  let saidAt = performance.now()
  let rollsLeft = MOST_ROLLS
  try {
    await waitFor(
      'the fleet to settle',
      async () => {
        problems = await whatIsWanting(stage, hosts)
        if (problems.some(isStopped) && rollsLeft > 0 && (await stage.ask('roll', {}))) rollsLeft -= 1
        if (problems.length > 0 && performance.now() - saidAt > SAY_EVERY_MS) {
          saidAt = performance.now()
          const more = problems.length > 1 ? `, and ${problems.length - 1} more` : ''
          say(`not settled yet: ${problems[0]}${more}${await whoIsWaitedFor(stage)}`)
        }
        return problems.length === 0
      },
      { timeoutMs: SETTLE_MS, everyMs: 500 },
    )
  } catch (error) {
    return [String(error), ...problems]
  }
  return await whatDoesNotStay(stage, hosts)
}

/** Retiring hosts are what a fleet waits for longest. */
async function whoIsWaitedFor(stage: Stage): Promise<string> {
  const retiring = expand((await stage.fleetState())?.retiring ?? []).slice(0, MOST_NAMED)
  const hosts = retiring.map((slot) => hostId(FLEET, slot))
  const states = await Promise.all(hosts.map((host) => stateOf(stage.world, host)))
  const words = states.map((state, index) => `${hosts[index]}: ${state?.step ?? 'no answer'}`)
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

/** A fleet that is left alone stays as it is, to the instance. */
async function whatDoesNotStay(stage: Stage, hosts: number): Promise<string[]> {
  const ids = () => liveInstances(stage.world).map(({ id }) => id)
  const before = new Set(ids())
  await lasted(STAYS_MS)
  const fresh = ids().filter((id) => !before.has(id))
  return [
    ...(await whatIsWanting(stage, hosts)),
    ...fresh.map((id) => `${id} was made although the fleet was whole`),
  ].map((problem) => `it was whole, and did not stay so: ${problem}`)
}

async function whatIsWanting(stage: Stage, hosts: number): Promise<string[]> {
  const fleet = await stage.fleetState()
  const unsettled = fleetProblems(fleet, hosts)
  if (unsettled.length > 0 || !fleet) return unsettled
  return snapshotProblems(await look(stage, fleet))
}

async function look({ world, strangers }: Stage, fleet: FleetState): Promise<Snapshot> {
  const slots = expand(fleet.active).map((slot) => hostId(FLEET, slot))
  const hosts = await Promise.all(slots.map(async (host) => ({ host, state: await stateOf(world, host) })))
  return {
    specHash: fleet.specHash,
    hosts,
    live: liveInstances(world).filter(({ id }) => !strangers.includes(id)),
    running: await runningHosts(world),
  }
}

async function runningHosts({ client }: Processes): Promise<string[] | string> {
  const query = `WorkflowType = '${WORKFLOWS.host}' AND ExecutionStatus = 'Running'`
  const ids: string[] = []
  try {
    for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId)
  } catch (error) {
    // Asked again until the deadline: a list that fails must not end the wait.
    return String(error)
  }
  return ids
}
