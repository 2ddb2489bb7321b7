import type { Clock, ClockPolicy } from '../clock.ts'
import type { Faults } from '../faults/faults.ts'
import type { MachineBehaviour, MachineRoom } from '../machines/contract.ts'
import { createRandom } from '../random.ts'
import type { Random } from '../random.ts'
import { createCapacity } from './capacity.ts'
import type { Capacity } from './capacity.ts'
import type { Catalogue } from './catalogue.ts'
import { createEvents } from './events.ts'
import type { Events, SystemEvent } from './events.ts'
import { createIds } from './ids.ts'
import type { Ids } from './ids.ts'
import type { Instance } from './instance.ts'
import { createInstances } from './instances.ts'
import type { Instances } from './instances.ts'
import { createLeftovers } from './leftovers.ts'
import type { Leftovers } from './leftovers.ts'
import { createLifecycle } from './lifecycle.ts'
import type { Lifecycle } from './lifecycle.ts'
import { createPlaces } from './places.ts'
import type { Places } from './places.ts'
import { createPower } from './power.ts'
import type { Power } from './power.ts'
import { createRetirement } from './retirement.ts'
import type { Retirement } from './retirement.ts'
import { leftBy } from './storage.ts'
import type { Leftover } from './storage.ts'
import { createTokens } from './tokens.ts'
import type { TokenRecord, Tokens } from './tokens.ts'
import { createTransitions } from './transitions.ts'
import type { Transitions } from './transitions.ts'

/** The emulated cloud of one account: what exists, and what is happening to it. */
export interface Cloud {
  readonly ownerAccountId: string
  readonly clock: Clock
  readonly random: Random
  readonly ids: Ids
  readonly places: Places
  readonly instances: Instances
  /** Disks and network interfaces that outlived their instance. */
  readonly leftovers: Leftovers
  readonly capacity: Capacity
  readonly events: Events
  readonly tokens: Tokens
  readonly faults: Faults
  readonly transitions: Transitions
  readonly lifecycle: Lifecycle
  readonly retirement: Retirement
  readonly power: Power
  /** Changed in place by the admin plane. */
  readonly policy: ClockPolicy
  /** How instances behave that no fault strikes. */
  readonly settings: { behaviour: MachineBehaviour }
  /** Writes a change of an instance down, when there is a state file. */
  readonly saved: (instance: Instance) => void
  readonly savedLeftover: (left: Leftover) => void
  readonly removeLeftover: (id: string) => void
}

/** What the state file writes down. */
export interface CloudJournal {
  readonly instance: (instance: Instance) => void
  readonly gone: (instanceId: string) => void
  readonly left: (left: Leftover) => void
  readonly leftGone: (id: string) => void
  readonly token: (record: TokenRecord) => void
  readonly event: (event: SystemEvent) => void
}

export interface CloudOptions {
  seed: string
  ownerAccountId: string
  clock: Clock
  policy: ClockPolicy
  catalogue: Catalogue
  room: MachineRoom
  faults: Faults
  behaviour: MachineBehaviour
  tokenLifeMs: number
  journal: CloudJournal
  log: (event: { instanceId?: string; message: string }) => void
}

export function createCloud(options: CloudOptions): Cloud {
  const { clock, faults, journal } = options
  const inventory = createInventory(options)
  const policy = { ...options.policy }
  return {
    ownerAccountId: options.ownerAccountId,
    clock,
    faults,
    policy,
    ...inventory,
    ...createMovement(options, inventory, policy),
    tokens: createTokens({ now: clock.now, lifeMs: options.tokenLifeMs, onRecord: journal.token }),
    settings: { behaviour: options.behaviour },
    saved: journal.instance,
    savedLeftover: journal.left,
    removeLeftover: (id) => removeLeftover(inventory, journal, id),
  }
}

type Inventory = Pick<Cloud, 'random' | 'ids' | 'places' | 'instances' | 'leftovers' | 'events' | 'capacity'>

/** What there is. */
function createInventory({ seed, catalogue }: CloudOptions): Inventory {
  const random = createRandom(seed)
  const places = createPlaces(catalogue, random)
  return {
    random,
    ids: createIds(random),
    places,
    instances: createInstances(),
    leftovers: createLeftovers(),
    events: createEvents(),
    capacity: createCapacity((type) => places.instanceType(type)?.vcpus ?? 0),
  }
}

type Movement = Pick<Cloud, 'transitions' | 'power' | 'lifecycle' | 'retirement'>

/** What happens to it. */
function createMovement(options: CloudOptions, inventory: Inventory, policy: ClockPolicy): Movement {
  const { clock, journal } = options
  const { places, instances } = inventory
  const transitions = createTransitions({
    clock,
    random: inventory.random,
    policyOf: (instance, transition) =>
      places.image(instance.regionId, instance.imageId)?.clock?.[transition] ?? policy[transition],
  })
  const power = createPower({
    room: options.room,
    places,
    ownerAccountId: options.ownerAccountId,
    onError: (instance, error) =>
      options.log({ instanceId: instance.instanceId, message: `machine: ${String(error)}` }),
  })
  const lifecycle = createLifecycle({
    now: clock.now,
    power,
    transitions,
    onChange: journal.instance,
    onRunning: (instance) => retirement.beginPlanned(instance),
    onGone: (instance) => {
      retirement.forget(instance.instanceId)
      leaveBehind(inventory, journal, leftBy(instance, clock.now()))
      forget(inventory, journal, instance)
    },
  })
  const retirement = createRetirement({
    clock,
    lifecycle,
    power,
    onChange: journal.instance,
    publish: (instance, type, reason) => publish(options, inventory, instance, { type, reason }),
    get: instances.get,
  })
  return { transitions, power, lifecycle, retirement }
}

function leaveBehind({ leftovers }: Inventory, journal: CloudJournal, left: Leftover[]): void {
  for (const one of left) {
    leftovers.add(one)
    journal.left(one)
  }
}

function removeLeftover({ leftovers, places }: Inventory, journal: CloudJournal, id: string): void {
  const left = leftovers.get(id)
  if (left?.kind === 'interface') places.pool(left.vSwitchId)?.giveBack(left.privateIp)
  leftovers.remove(id)
  journal.leftGone(id)
}

function forget(
  { instances, leftovers, places, capacity }: Inventory,
  journal: CloudJournal,
  instance: Instance,
): void {
  instances.remove(instance.instanceId)
  // An interface that stays behind keeps its address.
  if (leftovers.get(instance.networkInterfaceId) === undefined)
    places.pool(instance.vSwitchId)?.giveBack(instance.privateIp)
  capacity.giveBack(instance)
  journal.gone(instance.instanceId)
}

function publish(
  { clock, journal }: CloudOptions,
  { ids, places, events }: Inventory,
  instance: Instance,
  { type, reason }: { type: string; reason: string },
): void {
  const atMs = clock.now()
  const event: SystemEvent = {
    eventId: ids.event(places.region(instance.regionId)?.idPrefix ?? ''),
    order: events.nextOrder(),
    instanceId: instance.instanceId,
    regionId: instance.regionId,
    type,
    status: 'Executed',
    publishedAtMs: atMs,
    notBeforeMs: atMs,
    finishedAtMs: atMs,
    reason,
  }
  events.add(event)
  journal.event(event)
}
