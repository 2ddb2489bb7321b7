import { waitFor } from '../../../cli/wait-for.ts'
import { countSlots, expand } from '../../../domain/fleet/slots.ts'
import { DEFAULT_POLICY, rolloutRoom } from '../../../domain/fleet/policy.ts'
import type { FleetState } from '../../../domain/fleet/types.ts'
import type { HostState } from '../../../domain/host/types.ts'
import { hostId, hostOfWorkflowId, hostWorkflowId } from '../../../domain/ids.ts'
import { WORKFLOWS } from '../../../domain/messages.ts'
import { journalGaps, type Life } from '../../support/journal-gaps.ts'
import { lasted } from '../../support/lasted.ts'
import { stateOf } from '../../support/fleet-of-hosts.ts'
import type { Processes } from '../../support/processes.ts'
import { liveInstances, type CloudWatch } from '../../support/whole-cloud.ts'
import { FLEET, type Stage } from './stage.ts'
import { sweptTooMuch } from './sweeps.ts'

/** Boot deadlines, back-offs and retries of Temporal are over by then, even on a busy machine. */
const SETTLE_MS = 300_000
const MOST_NAMED = 10
/** Live hosts beyond what is wanted, surge and announced reclaims (the fleet's own limit of launches). */
const LIVE_SLACK = 2
/** Between two words about what is still waited for. */
const SAY_EVERY_MS = 10_000
/** A rollout may meet boots that were spoiled before the calm, and stop: a person rolls again. */
const MOST_ROLLS = 3
const STOPPED = 'the last rollout has stopped'
const isStopped = (problem: string): boolean => problem.startsWith(STOPPED)
/** Longer than a heartbeat timeout: an agent that was wrongly told to stop is noticed by then. */
const STAYS_MS = 10_000

/** Waits until the fleet is whole. @returns what it is not, in words; empty when it is */
export async function untilSettled(
  stage: Stage,
  hosts: number,
  say: (line: string) => void,
): Promise<string[]> {
  let wanting = ['it was never looked at']
  let saidAt = performance.now()
  let rollsLeft = MOST_ROLLS
  try {
    await waitFor(
      'the fleet to settle',
      async () => {
        wanting = await whatIsWanting(stage, hosts)
        if (wanting.some(isStopped) && rollsLeft > 0 && (await stage.ask('roll', {}))) rollsLeft -= 1
        if (wanting.length > 0 && performance.now() - saidAt > SAY_EVERY_MS) {
          saidAt = performance.now()
          say(`not settled yet: ${wanting[0]}${wanting.length > 1 ? `, and ${wanting.length - 1} more` : ''}`)
        }
        return wanting.length === 0
      },
      { timeoutMs: SETTLE_MS, everyMs: 500 },
    )
    return await whatDoesNotStay(stage, hosts)
  } catch {
    return wanting
  }
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
  if (!fleet) return ['the fleet does not answer']
  const unsettled = fleetWants(fleet, hosts)
  if (unsettled.length > 0) return unsettled
  const slots = expand(fleet.active)
  const states = await Promise.all(slots.map((slot) => stateOf(stage.world, hostId(FLEET, slot))))
  return [
    ...states.flatMap((state, index) => hostWants(hostId(FLEET, slots[index] ?? 0), state, fleet)),
    ...cloudWants(stage, slots, states),
    ...(await temporalWants(stage, slots)),
  ]
}

function fleetWants(fleet: FleetState, hosts: number): string[] {
  const { desired, active, retiring, rollout, frozen } = fleet
  return [
    desired === hosts ? '' : `${desired} hosts are wanted instead of ${hosts}`,
    countSlots(active) === hosts ? '' : `${countSlots(active)} hosts are active instead of ${hosts}`,
    countSlots(retiring) === 0 ? '' : `${countSlots(retiring)} hosts still retire`,
    rollout?.state === 'rolling' ? `a rollout goes on: ${rollout.left} left` : '',
    rollout?.state === 'stopped' ? `${STOPPED}: ${rollout.reason}` : '',
    frozen ? `the fleet is frozen: ${frozen.silent} of ${frozen.of} are silent` : '',
  ].filter(Boolean)
}

function hostWants(host: string, state: HostState | undefined, fleet: FleetState): string[] {
  if (!state) return [`${host} does not answer`]
  const { phase, step, current, waitReason, specHash } = state
  const isReady = phase === 'ready' && step === 'watch'
  return [
    isReady
      ? ''
      : `${host} is ${phase} (${step}) in attempt ${current.n}${waitReason ? `: ${waitReason}` : ''}`,
    // The last thing that was asked is a roll: nobody may be left behind.
    specHash === fleet.specHash ? '' : `${host} runs spec ${specHash} instead of ${fleet.specHash}`,
  ].filter(Boolean)
}

/** The cloud has exactly what the hosts claim. */
function cloudWants(
  { world, strangers }: Stage,
  slots: number[],
  states: (HostState | undefined)[],
): string[] {
  const claimed = new Map(
    states.map((state, index) => [
      state?.current.instanceId,
      `${hostId(FLEET, slots[index] ?? 0)} ${state?.generation} ${state?.current.n}`,
    ]),
  )
  const live = liveInstances(world).filter(({ id }) => !strangers.includes(id))
  const has = new Set<string | undefined>(live.map(({ id }) => id))
  return [
    ...live
      .filter(({ id, host, generation, attempt }) => claimed.get(id) !== `${host} ${generation} ${attempt}`)
      .map(({ id, host, attempt }) => `${id} of ${host}, attempt ${attempt}, is claimed by nobody`),
    ...[...claimed]
      .filter(([id]) => !has.has(id))
      .map(([id, by]) => `${by} claims ${id}, which the cloud has not`),
  ]
}

/** A host that the fleet has forgotten would run, and cost, for ever. */
async function temporalWants({ world: { client } }: Stage, slots: number[]): Promise<string[]> {
  const known = new Set(slots.map((slot) => hostWorkflowId(hostId(FLEET, slot))))
  const query = `WorkflowType = '${WORKFLOWS.host}' AND ExecutionStatus = 'Running'`
  const strays: string[] = []
  try {
    for await (const { workflowId } of client.workflow.list({ query })) {
      if (!known.has(workflowId)) strays.push(`${workflowId} runs, and is no host of the fleet`)
    }
  } catch (error) {
    // Asked again until the deadline: a list that fails must not end the wait, nor pass for an empty one.
    return [`Temporal does not list the hosts: ${String(error)}`]
  }
  return strays
}

/** What must not have happened on the way, whatever was made to happen. */
export async function breaches(stage: Stage, cloud: CloudWatch, hosts: number): Promise<string[]> {
  const there = new Set(liveInstances(stage.world).map(({ id }) => id))
  const several = [...cloud.made].filter(([, ids]) => ids.size > 1)
  return [
    ...[...new Set(cloud.doubles)]
      .slice(0, MOST_NAMED)
      .map((double) => `two live instances at once: ${double}`),
    ...tooManyLive(cloud, hosts),
    ...several.map(([attempt, ids]) => `${attempt} has had ${ids.size} instances: ${[...ids].join(', ')}`),
    ...stage.strangers.filter((id) => !there.has(id)).map((id) => `${id} is no host's, and was deleted`),
    ...(await sweptTooMuch(stage)),
    ...(await gapsOfJournal(stage.world)),
    ...(await badEnds(stage.world)),
  ]
}

/** What launches must stay within when that many hosts are wanted, which is the most that is ever asked for here. */
const mostAllowed = (hosts: number, announced: number): number =>
  hosts + rolloutRoom(DEFAULT_POLICY, hosts).surge + Math.min(announced, hosts) + LIVE_SLACK

/** Rollouts, retries and reclaims together must never make a fleet grow beyond its limit, not even for a moment. */
function tooManyLive({ mostLive, announced }: CloudWatch, hosts: number): string[] {
  const most = mostLive.get(FLEET) ?? 0
  const limit = mostAllowed(hosts, announced.get(FLEET)?.size ?? 0)
  return most <= limit ? [] : [`${most} instances of the fleet were live at once: ${limit} are the limit`]
}

/** Every line of every host's story has been written, once; also of those that have ended long ago. */
async function gapsOfJournal(world: Processes): Promise<string[]> {
  const lives: Life[] = []
  // A run that went on as a new one has handed its count to that.
  const query = `WorkflowType = '${WORKFLOWS.host}' AND ExecutionStatus != 'ContinuedAsNew'`
  for await (const { workflowId, runId } of world.client.workflow.list({ query })) {
    const host = hostOfWorkflowId(workflowId)
    if (host !== undefined) lives.push({ workflowId, runId, host })
  }
  return await journalGaps(world, lives)
}

/** A host ends by retiring, in no other way. */
async function badEnds({ client }: Processes): Promise<string[]> {
  const query = `WorkflowType = '${WORKFLOWS.host}' AND ExecutionStatus NOT IN ('Running', 'Completed', 'ContinuedAsNew')`
  const bad: string[] = []
  for await (const { workflowId, status } of client.workflow.list({ query })) {
    bad.push(`${workflowId} has ended as ${status.name}`)
  }
  return bad
}
