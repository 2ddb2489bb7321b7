import { WorkflowNotFoundError } from '@temporalio/client'
import { waitFor } from '../../cli/wait-for.ts'
import { countSlots, expand } from '../../domain/fleet/slots.ts'
import type { FleetState } from '../../domain/fleet/types.ts'
import { fleetWorkflowId, hostId, hostWorkflowId, parseHostId, type HostId } from '../../domain/ids.ts'
import { FLEET_QUERIES, WORKFLOWS } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import type { ScheduledAction } from '../../domain/schedules/actions.ts'
import type { ActionInput, ActionOutcome } from '../../domain/schedules/types.ts'
import { agentOf } from '../support/hand-agent.ts'
import { CONTROLLER } from '../support/names.ts'
import { hasActivities, passTime, virtualNow } from '../support/time.ts'
import type { World } from '../support/world.ts'

export const FLEET = 'month'
/** Slots that this fleet may ever use: its largest size and a surge. */
const SLOTS = 8
/** A fleet that changes is looked at each 5 s. */
const STEP_MS = 6_000
const WHOLE_STEPS = 200

/** A fleet on the time-skipping server, and what happens to it in a month. */
export interface Month {
  /** Virtual now, ms. */
  now(): Promise<number>
  /** Lets that much virtual time pass. */
  pass(ms: number): Promise<void>
  /** Carries an action out as a schedule would, by a workflow of its own. */
  act(what: ScheduledAction): Promise<ActionOutcome>
  fleet(): Promise<FleetState>
  /** Lets time pass until the fleet is whole, and says `started` for every host that boots meanwhile. */
  untilWhole(size: number): Promise<void>
  /** How often Temporal was asked which hosts run: the fleet's comparison of what it knows with what there is. */
  lists(): number
  /** Run ids seen of the fleet and its hosts; look at least once in the life of each host. */
  noteRuns(): Promise<void>
  /** Every run that there was: its workflow, its length in events, and how it ended. */
  runs(): Promise<Run[]>
}

export interface Run {
  workflowId: string
  runId: string
  events: number
  continued: boolean
}

export function createMonth(world: World): Month {
  const { client } = world
  const service = serviceOf(world)
  const seen = new Map<string, string>()
  let actions = 0
  const answered = new Set<string>()
  const lists = answerLists(world)
  const fleet = () => client.workflow.getHandle(fleetWorkflowId(FLEET)).query<FleetState>(FLEET_QUERIES.state)

  const pass = (ms: number) => passTime(service, ms, () => isAnyWorking(world))

  async function noteRun(workflowId: string): Promise<void> {
    const runId = await runOf(world, workflowId)
    if (runId !== undefined) seen.set(runId, workflowId)
  }

  return {
    now: () => virtualNow(service),
    pass,
    fleet,
    lists,
    async act(what) {
      const input = byHand(world, what)
      return await client.workflow.execute<(input: ActionInput) => Promise<ActionOutcome>>(WORKFLOWS.action, {
        workflowId: `action/${(actions += 1)}`,
        taskQueue: MUSTER_QUEUE,
        args: [input],
      })
    },
    async untilWhole(size) {
      let wanting = ''
      for (let step = 0; step < WHOLE_STEPS; step += 1) {
        await answerBoots(world, answered)
        wanting = await whatIsWanting(world, await fleet(), size)
        if (wanting === '') return
        await pass(STEP_MS)
      }
      throw new Error(`the fleet is not whole: ${wanting}`)
    },
    async noteRuns() {
      await noteRun(fleetWorkflowId(FLEET))
      for (const slot of expand((await fleet()).active)) await noteRun(hostWorkflowId(hostId(FLEET, slot)))
    },
    runs: () => runsBehind(world, seen),
  }
}

const byHand = ({ temporal }: World, what: ScheduledAction): ActionInput => ({
  schedule: 'by-hand',
  expression: '@daily',
  timezone: 'UTC',
  dialect: 'robfig-v1',
  anchor: '2026-01-01T00:00:00.000Z',
  do: what,
  scope: { controller: CONTROLLER, namespaceId: temporal.namespaceId, region: 'cn-hangzhou' },
})

function serviceOf({ temporal }: World) {
  const service = temporal.connection.testService
  if (!service) throw new Error('a month takes the time-skipping server')
  return service
}

async function runOf({ client }: World, workflowId: string): Promise<string | undefined> {
  const described = await ifThere(client.workflow.getHandle(workflowId).describe())
  return described?.status.name === 'RUNNING' ? described.runId : undefined
}

/** @returns undefined where there never was such a workflow */
async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

async function isAnyWorking(world: World): Promise<boolean> {
  const hosts = Array.from({ length: SLOTS }, (_, index) => hostWorkflowId(hostId(FLEET, index + 1)))
  for (const workflowId of [fleetWorkflowId(FLEET), ...hosts]) {
    if (await ifThere(hasActivities(world.client, workflowId))) return true
  }
  return false
}

/**
 * The time-skipping server cannot list workflows, so the client that the worker has asks it for each slot that there can
 * be: the same answer, of the same server.
 * @returns how often that was
 */
function answerLists(world: World): () => number {
  let lists = 0
  const list = async function* () {
    lists += 1
    for (let slot = 1; slot <= SLOTS; slot += 1) {
      const workflowId = hostWorkflowId(hostId(FLEET, slot))
      if ((await runOf(world, workflowId)) !== undefined) yield { workflowId }
    }
  }
  world.client.workflow.list = list as never
  return () => lists
}

/** What a client says that knows nothing but its address. */
async function answerBoots(world: World, answered: Set<string>): Promise<void> {
  for (const { id, host, attempt } of world.instances()) {
    if (answered.has(id)) continue
    const { step, current } = await waitFor(`${host} to await its agent or to move on`, async () => {
      const state = await world.state(host)
      return (state.current.n > attempt || state.wish !== undefined || state.step === 'awaitStarted') && state
    })
    answered.add(id)
    if (step !== 'awaitStarted' || current.instanceId !== id) continue
    const status = await (await agentOf(world, host, attempt)).status(2)
    if (status !== 202) throw new Error(`the status of ${host} was answered with ${status}`)
  }
}

async function whatIsWanting(
  world: World,
  { active, desired, retiring, rollout }: FleetState,
  size: number,
): Promise<string> {
  const slots = expand(active)
  if (desired !== size || slots.length !== size)
    return `${slots.length} of ${desired} hosts instead of ${size}`
  if (countSlots(retiring) > 0) return `${countSlots(retiring)} hosts still retire`
  if (rollout?.state === 'rolling') return `a rollout goes on, ${rollout.left} left`
  const hosts: HostId[] = slots.map((slot) => hostId(FLEET, slot))
  for (const host of hosts) {
    const { phase, step, liveness } = await world.state(host)
    if (phase !== 'ready' || step !== 'watch' || liveness !== 'none') return `${host} is ${phase} (${step})`
  }
  const live = world.instances().map(({ host }) => parseHostId(host).slot)
  return String(live.toSorted((a, b) => a - b)) === String(slots)
    ? ''
    : `the cloud has instances of slots ${live.join(', ')} instead of ${slots.join(', ')}`
}

/** From the runs that were seen, to the first of each chain and the last. */
async function runsBehind({ client }: World, seen: ReadonlyMap<string, string>): Promise<Run[]> {
  const runs = new Map<string, Run>()
  const todo = [...seen]
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [runId, workflowId] = next
    if (runs.has(runId)) continue
    const events = (await client.workflow.getHandle(workflowId, runId).fetchHistory()).events ?? []
    const before = events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId
    const after = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId
    runs.set(runId, { workflowId, runId, events: events.length, continued: Boolean(after) })
    for (const other of [before, after]) if (other) todo.push([other, workflowId])
  }
  return [...runs.values()]
}
