import { setTimeout as sleep } from 'node:timers/promises'
import { DEFAULT_POLICY, rolloutRoom } from '../../../domain/fleet/policy.ts'
import { countSlots } from '../../../domain/fleet/slots.ts'
import type { FleetState } from '../../../domain/fleet/types.ts'
import { HOST_TAG } from '../../../emulator/cloud/instance.ts'
import type { CloudWorld, Span } from '../../support/whole-cloud.ts'
import { FLEET } from './stage.ts'

/** One that was made, and how many of the fleet were live then, itself among them. Instants as of `performance.now()`. */
export interface Launch {
  at: number
  id: string
  live: number
}

/** What the fleet said of itself: it was so at some moment between the question and the answer. */
export interface FleetLook {
  askedAt: number
  answeredAt: number
  desired: number
  /** Hosts that it counts, retiring ones included. */
  hosts: number
}

/** All that says whether launches stayed within the limit. */
export interface LaunchRecord {
  launches: readonly Launch[]
  looks: readonly FleetLook[]
  /** Sizes that people asked for, accepted or not: a wish without an answer may be taken later. */
  sizes: readonly { at: number; size: number }[]
  /** Instances that the cloud has announced to take, from then on until they were gone. */
  announced: ReadonlyMap<string, Span>
}

/** Live hosts beyond what is wanted, surge and announced reclaims: what the fleet itself allows. */
const LIVE_SLACK = 2
/** A host's row may still speak of a reclaim when its instance is gone: rows are written by activities, and workers are killed. */
const ROWS_LAG_MS = 10_000
const LOOK_EVERY_MS = 500
const MOST_NAMED = 3

const limitOf = (desired: number): number => desired + rolloutRoom(DEFAULT_POLICY, desired).surge + LIVE_SLACK

/**
 * Launches that were one too many. The fleet starts no host beyond its limit, and a host has one instance at most; so no
 * launch may ever find more live than the limit. Hosts of a larger size live on for a while after a resize down, and are
 * hosts still: what counts is every size wanted since the fleet was last seen to have no more hosts than its limit.
 */
export function tooManyLive(record: LaunchRecord): string[] {
  const over = record.launches
    .map((launch) => ({ ...launch, limit: limitAt(record, launch.at) }))
    .filter(({ live, limit }) => live > limit)
    .toSorted((a, b) => b.live - b.limit - (a.live - a.limit))
  return over
    .slice(0, MOST_NAMED)
    .map(
      ({ id, live, limit }) =>
        `${id} was launched as number ${live} of the live ones, ${limit} are the limit (${over.length} launches were beyond it)`,
    )
}

function limitAt({ looks, sizes, announced }: LaunchRecord, at: number): number {
  const within = looks.findLast((look) => look.answeredAt <= at && look.hosts <= limitOf(look.desired))
  const since = within?.askedAt ?? Number.NEGATIVE_INFINITY
  const next = looks.findIndex((look) => look.askedAt >= at)
  const seen = looks.slice(0, next < 0 ? looks.length : next + 1).filter((look) => look.answeredAt >= since)
  const asked = sizes.filter((one) => one.at >= since && one.at <= at)
  const largest = Math.max(...seen.map(({ desired }) => desired), ...asked.map(({ size }) => size))
  const from = Math.min(since, at - ROWS_LAG_MS)
  const taken = [...announced.values()].filter((span) => span.from <= at && span.until >= from).length
  return limitOf(largest) + Math.min(taken, largest)
}

export interface LaunchWatch {
  readonly launches: readonly Launch[]
  readonly looks: readonly FleetLook[]
  stop(): Promise<void>
}

/** What is needed of a stage to see its launches. */
export interface Launching {
  world: CloudWorld
  orphan: string
  fleetState(): Promise<Pick<FleetState, 'desired' | 'active' | 'retiring'> | undefined>
}

/** Notes every launch of the fleet at the moment when it is made, and what the fleet says of itself twice a second. */
export function watchLaunches(stage: Launching): LaunchWatch {
  const launches: Launch[] = []
  const looks: FleetLook[] = []
  const { instances } = stage.world.cloud.emulator.cloud
  const isOfFleet = ({ instanceId, tags }: { instanceId: string; tags: Record<string, string> }) =>
    tags[HOST_TAG]?.startsWith(`${FLEET}/`) === true && instanceId !== stage.orphan
  const add = instances.add.bind(instances)
  instances.add = (instance) => {
    add(instance)
    if (!isOfFleet(instance)) return
    const live = instances.newestFirst().filter((one) => isOfFleet(one) && !one.releasing).length
    launches.push({ at: performance.now(), id: instance.instanceId, live })
  }
  const stop = new AbortController()
  const looking = lookUntilStopped(stage, looks, stop.signal)
  return {
    launches,
    looks,
    async stop() {
      stop.abort()
      await looking
    },
  }
}

async function lookUntilStopped(stage: Launching, looks: FleetLook[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const askedAt = performance.now()
    const state = await stage.fleetState()
    if (state) {
      const hosts = countSlots(state.active) + countSlots(state.retiring)
      looks.push({ askedAt, answeredAt: performance.now(), desired: state.desired, hosts })
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}
