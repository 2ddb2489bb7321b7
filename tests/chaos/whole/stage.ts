import { WorkflowNotFoundError } from '@temporalio/client'
import { waitFor } from '../../../cli/wait-for.ts'
import type { FleetInput, FleetState } from '../../../domain/fleet/types.ts'
import { fleetWorkflowId, hostId } from '../../../domain/ids.ts'
import { FLEET_QUERIES, FLEET_UPDATES, WORKFLOWS } from '../../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../../domain/queues.ts'
import type { HostSpec } from '../../../domain/spec.ts'
import { instanceTags } from '../../../domain/tags.ts'
import { catalogueSpec } from '../../../emulator/testing/catalogue-spec.ts'
import { Ecs, GOOD_LAUNCH, sdkClient } from '../../../emulator/testing/sdk.ts'
import { startBalancer } from '../../support/balancer.ts'
import { emulatedSpec } from '../../support/emulated-spec.ts'
import type { Part } from '../../support/part.ts'
import { CONTROLLER, createProcesses, KEY, type Processes } from '../../support/processes.ts'
import { runRealAgents } from './agents.ts'

export const FLEET = 'chaos'
export const ASKED = { by: 'chaos', why: 'something is to happen' }
/** Nobody is waited for longer, whatever is away. */
const ASK_MS = 5_000

type FleetUpdate = keyof typeof FLEET_UPDATES

/** Everything twice where that can be: two workers, and two APIs behind one address. */
export interface Stage {
  world: Processes
  workers: [Part, Part]
  apis: [Part, Part]
  /** Instances that are no host's of this installation: nobody here may touch them. */
  strangers: string[]
  /** One that no host of this installation claims: sweeps are to find it. */
  orphan: string
  /** Sizes that people have asked for, accepted or not, and when, as of `performance.now()`. */
  sizes: readonly { at: number; size: number }[]
  /** How many instances have had a real agent so far. */
  realAgents: () => number
  /** The spec of that turn: another tag makes another spec. */
  spec(turn: number): HostSpec
  /** @returns false when nobody has answered, or the wish was refused */
  ask(update: FleetUpdate, request: object): Promise<boolean>
  resize(size: number): Promise<boolean>
  fleetState(): Promise<FleetState | undefined>
  close(): Promise<void>
}

/** Of places enough that a few without stock leave others: a place without is left alone for three minutes. */
const PLACES = catalogueSpec(['g', 'h', 'i']).placements.flatMap((place) =>
  ['ecs.c7.large', 'ecs.g7.large'].map((instanceType) => ({ ...place, instanceType })),
)

/** Minutes become seconds: a run of a minute sees what a day sees. */
const specOf = (turn: number): HostSpec =>
  emulatedSpec({
    placements: PLACES,
    bootTimeoutMs: 30_000,
    runningTimeoutMs: 15_000,
    heartbeatTimeoutMs: 8_000,
    silentGraceMs: 16_000,
    drainTimeoutMs: 3_000,
    backoff: { initialMs: 500, maxMs: 3_000 },
    tags: { turn: String(turn) },
  })

/**
 * On a machine with other work a launch may find no clear answer within half its boot timeout: it is looked up twice, a
 * minute apart, before the host tries again.
 */
const START_MS = 240_000

/**
 * An installation with a fleet of that many hosts, all of them ready.
 * @param realAgents how many of them, the lowest numbers, run real agents
 */
export async function openStage(hosts: number, realAgents: number): Promise<Stage> {
  const world = await createProcesses({
    apis: 2,
    config: { breaker: { coolDown: '3s', maxCoolDown: '6s' } },
    // Every status is met, and instances take a moment.
    clockPolicy: {},
  })
  try {
    const workers: [Part, Part] = [world.worker(), world.worker()]
    await Promise.all(workers.map((worker) => worker.start()))
    const balancer = await startBalancer(world.apis.map(({ url }) => url))
    const [first, second] = world.apis
    if (!first || !second) throw new Error('there are not two APIs')
    const given = runRealAgents(world.cloud.emulator, FLEET, realAgents)
    const sizes = [{ at: performance.now(), size: hosts }]
    const [orphan = ''] = await launch(world, orphanTags(world))
    const stage: Stage = {
      world,
      strangers: await launchStrangers(world),
      orphan,
      workers,
      apis: [first, second],
      sizes,
      realAgents: given,
      spec: specOf,
      ask: (update, request) => ask(world, update, request),
      resize(size) {
        sizes.push({ at: performance.now(), size })
        return ask(world, 'resize', { size })
      },
      fleetState: () => fleetState(world),
      async close() {
        await balancer.close()
        await world.close()
      },
    }
    await startFleet(world, hosts, balancer.url)
    return stage
  } catch (error) {
    await world.close()
    throw error
  }
}

/** Of people who tag nothing, and of another installation. */
async function launchStrangers(world: Processes): Promise<string[]> {
  const owner = { controller: 'another', namespaceId: world.namespaceId }
  const key = { host: hostId('other', 1), generation: 'ffffffffff', attempt: 1 }
  return (await Promise.all([{}, instanceTags(owner, key)].map((tags) => launch(world, tags)))).flat()
}

/** Of a host that nobody has ever wanted: what a lost creation would leave behind. */
const orphanTags = ({ namespaceId }: Processes): Record<string, string> =>
  instanceTags(
    { controller: CONTROLLER, namespaceId },
    { host: hostId(FLEET, 99_999), generation: 'eeeeeeeeee', attempt: 1 },
  )

async function launch(world: Processes, tags: Record<string, string>): Promise<string[]> {
  const tag = Object.entries(tags).map(
    ([name, value]) => new Ecs.RunInstancesRequestTag({ key: name, value }),
  )
  const { body } = await sdkClient(world.cloud.emulator).runInstances(
    new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, tag }),
  )
  return body?.instanceIdSets?.instanceIdSet ?? []
}

async function startFleet(world: Processes, size: number, url: string): Promise<void> {
  const spec = specOf(0)
  const specHash = await world.store.specs.put(spec, Date.now())
  const { namespaceId } = world
  const api = { url, keyId: KEY.id }
  const input: FleetInput = { name: FLEET, size, controller: CONTROLLER, namespaceId, specHash, spec, api }
  await world.client.workflow.start(WORKFLOWS.fleet, {
    workflowId: fleetWorkflowId(FLEET),
    taskQueue: MUSTER_QUEUE,
    args: [input],
  })
  await untilReady(world, size)
}

async function untilReady({ store }: Processes, size: number): Promise<void> {
  const others = async () => {
    const rows = await store.hosts.list({ fleet: FLEET, limit: 1_000 })
    return rows
      .filter(({ phase }) => phase !== 'ready')
      .map((row) => `${row.host} ${row.phase} ${row.reason}`)
  }
  const areReady = async () =>
    (await store.hosts.list({ fleet: FLEET, phases: ['ready'], limit: 1_000 })).length === size
  try {
    await waitFor(`${size} hosts to be ready`, areReady, { timeoutMs: START_MS })
  } catch (cause) {
    throw new Error(`not ready: ${(await others()).join('; ')}`, { cause })
  }
}

const fleetOf = ({ client }: Processes) => client.workflow.getHandle(fleetWorkflowId(FLEET))

async function ask(world: Processes, update: FleetUpdate, request: object): Promise<boolean> {
  try {
    await world.client.connection.withDeadline(Date.now() + ASK_MS, () =>
      fleetOf(world).executeUpdate(FLEET_UPDATES[update], { args: [{ ...ASKED, ...request }] }),
    )
    return true
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error
    return false
  }
}

/** Undefined while Temporal or every worker is away. */
async function fleetState(world: Processes): Promise<FleetState | undefined> {
  try {
    return await world.client.connection.withDeadline(Date.now() + ASK_MS, () =>
      fleetOf(world).query<FleetState>(FLEET_QUERIES.state),
    )
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error
    return undefined
  }
}
