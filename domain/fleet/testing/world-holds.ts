import { isSameAttempt, type Hold } from '../../breaker/hold.ts'
import { DEFAULT_BREAKER_RULES, lookAgainMs, probeEndsAt } from '../../breaker/rules.ts'
import { settle, type BootOutcome } from '../../breaker/settle.ts'
import { choosePlacement } from '../../placement/choose-placement.ts'
import { specForTests } from '../../testing/specs.ts'
import type { WorldHost } from './fleet-world.ts'

/** What a hold of the world stops. */
export type HeldKey = { scope: 'fleet' } | { scope: 'image'; image: string } | HeldPlace
interface HeldPlace {
  scope: 'placement'
  image: string
  zone: string
}

export const ZONES = ['a', 'b']
const FLEET = 'render'
const TYPE = 'ecs.c7.large'
/** Holds are opened by the test, not by a row of failures: `domain/breaker/breaker.test.ts` has those. */
const RULES = { ...DEFAULT_BREAKER_RULES, enabled: false, coolDownMs: 120_000 }
const NO_STREAK = { failures: 0, places: 0 }
const STREAKS = { placement: NO_STREAK, image: NO_STREAK, fleet: NO_STREAK }

/** A host that wanted to launch, the holds as they were, and where it launched; absent: it waits. */
export interface Attribution {
  host: WorldHost
  holds: Hold[]
  zone?: string
  probes: number
}

/** The holds over the launches of a world, by the very functions that `planLaunch` and the end of a boot use. */
export class WorldHolds {
  open: Hold[] = []
  /** Since the test has looked. */
  asked: Attribution[] = []
  private id = 0

  hold(key: HeldKey, now: number): void {
    const subject = {
      scope: key.scope,
      ...(key.scope === 'fleet' ? { fleet: FLEET } : { imageId: key.image }),
      ...(key.scope === 'placement' && { zone: key.zone, instanceType: TYPE }),
    }
    const until = now + RULES.coolDownMs
    this.open.push({
      ...subject,
      id: ++this.id,
      reason: 'boots failed',
      openedAt: now,
      until,
      failedProbes: 0,
    })
  }

  release(nth: number): void {
    this.open = this.open.filter((_, index) => index !== nth)
  }

  /** The host with its launch begun, or waiting with the reason. */
  launched(host: WorldHost, now: number): WorldHost {
    if (this.open.length === 0) return { ...host, phase: 'booting', zone: ZONES[0] ?? '' }
    const placements = ZONES.map((zone) => ({ zone, vSwitchId: `vsw-${zone}`, instanceType: TYPE }))
    const key = keyOf(host)
    const choice = choosePlacement({
      spec: specForTests({ imageId: host.specHash, placements }),
      fleet: FLEET,
      notes: [],
      recentFailures: [],
      holds: this.open,
      key,
      now,
      lookAgainMs: lookAgainMs(RULES),
      seed: key.host,
    })
    this.asked.push({
      host,
      holds: this.open,
      ...(choice.outcome === 'placed' && { zone: choice.placement.zone }),
      probes: choice.outcome === 'placed' ? choice.probes.length : 0,
    })
    if (choice.outcome === 'wait') return { ...host, phase: 'waiting', reason: choice.reason }
    const probe = { ...key, until: probeEndsAt(now, 5 * 60_000) }
    this.open = this.open.map((hold) => (choice.probes.includes(hold.id) ? { ...hold, probe } : hold))
    return { ...host, phase: 'booting', reason: '', zone: choice.placement.zone }
  }

  /** Its attempt ends without a word of its boot: another one may probe. */
  givenUp(host: WorldHost): void {
    this.open = this.open.map(({ probe, ...hold }) =>
      probe && !isSameAttempt(probe, keyOf(host)) ? { ...hold, probe } : hold,
    )
  }

  ended(host: WorldHost, result: BootOutcome['outcome'], now: number): void {
    const outcome: BootOutcome = {
      ...keyOf(host),
      imageId: host.specHash,
      zone: host.zone ?? '',
      instanceType: TYPE,
      fleet: FLEET,
      region: 'r',
      launchedAt: now,
      outcome: result,
      why: 'mute',
    }
    for (const change of settle({ outcome, holds: this.open, streaks: STREAKS, rules: RULES, now })) {
      const rest = this.open.filter(({ id }) => change.kind === 'opened' || id !== change.hold.id)
      this.open = change.kind === 'reopened' ? [...rest, change.hold] : rest
    }
  }
}

const keyOf = ({ slot, generation, attempt }: WorldHost) => ({
  host: `${FLEET}/${slot}`,
  generation,
  attempt,
})
