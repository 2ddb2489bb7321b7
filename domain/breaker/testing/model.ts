import { choosePlacement } from '../../placement/choose-placement.ts'
import type { AttemptKey } from '../../ids.ts'
import type { Placement } from '../../spec.ts'
import { isSameAttempt, touches } from '../hold.ts'
import type { Hold, HoldSubject } from '../hold.ts'
import { coolDownAfter, lookAgainMs, probeEndsAt } from '../rules.ts'
import type { BreakerRules } from '../rules.ts'
import { settle } from '../settle.ts'
import type { BootOutcome, HoldChange } from '../settle.ts'
import { streakOf } from '../streak.ts'

/** A thing that happens to a few hosts of one fleet; `slot` is a host, a hold, or ms that pass. */
export interface Step {
  kind: 'plan' | 'ready' | 'failed' | 'retired' | 'lost' | 'release' | 'pass'
  slot: number
}

interface Launch {
  key: AttemptKey
  at: number
  placement: Placement
}

const BOOT_MS = 5 * 60_000
const IMAGE = 'm-1'
const PLACES: Placement[] = ['a', 'b'].map((zone) => ({ zone, vSwitchId: 'v', instanceType: 't' }))

/** The breaker over a store in memory that does what the tables do: for tests of sequences. */
export class Model {
  private readonly rules: BreakerRules
  private now: number
  private nextId = 1
  private readonly holds = new Map<number, Hold>()
  private readonly closed: { subject: HoldSubject; at: number }[] = []
  private readonly past: (BootOutcome & { at: number })[] = []
  private readonly launches = new Map<number, Launch>()
  private readonly attempts = new Map<number, number>()

  constructor(rules: BreakerRules, start: number) {
    this.rules = rules
    this.now = start
  }

  /** What it brought about. @throws Error when something is launched or probed that must not be */
  carryOut({ kind, slot }: Step): string[] {
    this.now += 1
    switch (kind) {
      case 'plan':
        return this.plan(slot)
      case 'ready':
      case 'failed':
        return this.end(slot, kind)
      case 'retired':
        return this.retire(slot)
      case 'release':
        return this.release(slot)
      case 'lost':
        // Nobody ever reports: the worker is gone for good.
        this.launches.delete(slot)
        return []
      case 'pass':
        this.now += slot
        return []
    }
  }

  /** @throws Error when the holds are in a state that must not be */
  check(): void {
    const subjects = [...this.holds.values()].map(({ scope, zone }) => `${scope} ${zone}`)
    if (new Set(subjects).size !== subjects.length) throw new Error(`held twice: ${subjects.join(', ')}`)
    for (const { id, probe, until, failedProbes } of this.holds.values()) {
      if (until > this.now + coolDownAfter(this.rules, failedProbes))
        throw new Error(`hold ${id} cools down too long`)
      if (probe && until > this.now) throw new Error(`hold ${id} is probed before its time`)
    }
  }

  /** Hosts of even number are made in zone a, the others in b, or in the other one when theirs is stopped. */
  private plan(slot: number): string[] {
    if (this.launches.has(slot)) return []
    const attempt = (this.attempts.get(slot) ?? 0) + 1
    const key = { host: `render/${slot}`, generation: 'g', attempt }
    const placements = slot % 2 === 0 ? PLACES : PLACES.toReversed()
    const choice = choosePlacement({
      spec: { imageId: IMAGE, placements, placementPolicy: 'order' },
      fleet: 'render',
      notes: [],
      recentFailures: [],
      holds: [...this.holds.values()],
      key,
      now: this.now,
      lookAgainMs: lookAgainMs(this.rules),
      seed: key.host,
    })
    if (choice.outcome === 'wait') return []
    const words = choice.probes.map((id) => this.take(id, key))
    this.mustBeAllowed(choice.placement, key)
    this.attempts.set(slot, attempt)
    this.launches.set(slot, { key, at: this.now, placement: choice.placement })
    return words
  }

  private take(id: number, key: AttemptKey): string {
    const hold = this.holds.get(id)
    if (!hold) throw new Error(`hold ${id} is not there`)
    if (hold.probe && hold.probe.until > this.now) throw new Error(`${hold.probe.host} probes ${id} already`)
    if (hold.until > this.now) throw new Error(`hold ${id} has not cooled down`)
    this.holds.set(id, { ...hold, probe: { ...key, until: probeEndsAt(this.now, BOOT_MS) } })
    return hold.probe ? 'probe taken over' : 'probe'
  }

  /** A launch under a hold is its probe. */
  private mustBeAllowed(placement: Placement, key: AttemptKey): void {
    for (const hold of this.holds.values()) {
      if (!touches(hold, placeOf(placement))) continue
      if (!hold.probe || !isSameAttempt(hold.probe, key)) throw new Error(`launched under hold ${hold.id}`)
    }
  }

  private end(slot: number, result: BootOutcome['outcome']): string[] {
    const launch = this.launches.get(slot)
    if (!launch) return []
    this.launches.delete(slot)
    const place = placeOf(launch.placement)
    const boot = { ...launch.key, ...place, region: 'r', launchedAt: launch.at }
    const outcome = { ...boot, outcome: result, why: 'mute' }
    this.past.unshift({ ...outcome, at: this.now })
    const streaks = {
      placement: this.streak('placement', outcome),
      image: this.streak('image', outcome),
      fleet: this.streak('fleet', outcome),
    }
    const { rules, now } = this
    const changes = settle({ outcome, holds: [...this.holds.values()], streaks, rules, now })
    for (const change of changes) this.keep(change)
    return changes.map(wordsOf)
  }

  private keep(change: HoldChange): void {
    if (change.kind === 'closed') return this.close(change.hold)
    const id = change.kind === 'opened' ? this.nextId++ : change.hold.id
    this.holds.set(id, { ...change.hold, id })
  }

  private streak(scope: HoldSubject['scope'], outcome: BootOutcome) {
    const isSame = (zone: string | undefined) => scope !== 'placement' || zone === outcome.zone
    const ended = this.closed.filter(({ subject }) => subject.scope === scope && isSame(subject.zone))
    return streakOf(
      this.past.filter(({ zone }) => isSame(zone)),
      Math.max(this.now - this.rules.windowMs, ...ended.map(({ at }) => at)),
    )
  }

  private close(hold: Hold): void {
    this.holds.delete(hold.id)
    this.closed.push({ subject: hold, at: this.now })
  }

  /** Ended by a person before it had booted: its probe is another's. */
  private retire(slot: number): string[] {
    const launch = this.launches.get(slot)
    this.launches.delete(slot)
    const given = [...this.holds.values()].filter(
      ({ probe }) => launch && probe && isSameAttempt(probe, launch.key),
    )
    for (const { probe: _over, ...hold } of given) this.holds.set(hold.id, hold)
    return given.map(() => 'probe given up')
  }

  private release(at: number): string[] {
    const hold = [...this.holds.values()][at]
    if (!hold) return []
    this.close(hold)
    return ['released']
  }
}

function wordsOf({ kind, hold }: HoldChange): string {
  const again = kind === 'reopened' && hold.failedProbes > 1 ? ' again' : ''
  return `${hold.scope} ${kind}${again}`
}

const placeOf = ({ zone, instanceType }: Placement) => ({
  imageId: IMAGE,
  zone,
  instanceType,
  fleet: 'render',
})
