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
import { createLifecycle } from './lifecycle.ts'
import type { Lifecycle } from './lifecycle.ts'
import { createPlaces } from './places.ts'
import type { Places } from './places.ts'
import { createPower } from './power.ts'
import type { Power } from './power.ts'
import { createRetirement } from './retirement.ts'
import type { Retirement } from './retirement.ts'
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
  saved(instance: Instance): void
}

/** What the state file writes down. */
export interface CloudJournal {
  instance(instance: Instance): void
  gone(instanceId: string): void
  token(record: TokenRecord): void
  event(event: SystemEvent): void
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
  const random = createRandom(options.seed)
  const ids = createIds(random)
  const places = createPlaces(options.catalogue, random)
  const instances = createInstances()
  const events = createEvents()
  const capacity = createCapacity((type) => places.instanceType(type)?.vcpus ?? 0)
  const policy = { ...options.policy }
  const transitions = createTransitions({
    clock,
    random,
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
  const publish = (instance: Instance, type: string, reason: string): void => {
    const event = systemEvent(instance, type, reason, {
      eventId: ids.event(places.region(instance.regionId)?.idPrefix ?? 'bp1'),
      atMs: clock.now(),
    })
    events.add(event)
    journal.event(event)
  }
  const lifecycle = createLifecycle({
    now: clock.now,
    power,
    transitions,
    onChange: journal.instance,
    onRunning: (instance) => reclaimByFault(instance),
    onGone: (instance) => {
      instances.remove(instance.instanceId)
      retirement.forget(instance.instanceId)
      places.pool(instance.vSwitchId)?.giveBack(instance.privateIp)
      capacity.giveBack(instance)
      journal.gone(instance.instanceId)
    },
  })
  const retirement: Retirement = createRetirement({
    clock,
    lifecycle,
    power,
    onChange: journal.instance,
    publish,
    get: instances.get,
  })
  const tokens = createTokens({ now: clock.now, lifeMs: options.tokenLifeMs, onRecord: journal.token })

  function reclaimByFault(instance: Instance): void {
    for (const { afterSeconds, noticeSeconds } of instance.plannedReclaims ?? []) {
      clock.at(clock.now() + afterSeconds * 1000, () => {
        const live = instances.get(instance.instanceId)
        if (live !== undefined && !live.releasing) retirement.reclaim(live, noticeSeconds * 1000)
      })
    }
    delete instance.plannedReclaims
  }
  return {
    ownerAccountId: options.ownerAccountId,
    clock,
    random,
    ids,
    places,
    instances,
    capacity,
    events,
    tokens,
    faults,
    transitions,
    lifecycle,
    retirement,
    power,
    policy,
    settings: { behaviour: options.behaviour },
    saved: journal.instance,
  }
}

function systemEvent(
  instance: Instance,
  type: string,
  reason: string,
  { eventId, atMs }: { eventId: string; atMs: number },
): SystemEvent {
  return {
    eventId,
    instanceId: instance.instanceId,
    regionId: instance.regionId,
    type,
    status: 'Executed',
    publishedAtMs: atMs,
    notBeforeMs: atMs,
    finishedAtMs: atMs,
    reason,
  }
}
