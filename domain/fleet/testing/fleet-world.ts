import type { HostPhase } from '../../host/types.ts'
import { specForTests } from '../../testing/specs.ts'
import { acted, decideFleet, observed, undone } from '../decide.ts'
import { surveyRequest } from '../record.ts'
import { expand } from '../slots.ts'
import { newFleetState, specForStart } from '../state.ts'
import type { SurveyRow } from '../survey-types.ts'
import { survey } from '../survey.ts'
import type { FleetPolicy } from '../policy.ts'
import type { FleetActions, FleetState, FleetView } from '../types.ts'
import { refusalOf } from '../refusal.ts'
import { wishFleet, type FleetWish } from '../wishes.ts'
import { WorldHolds } from './world-holds.ts'

/** A wish without who and why. */
export type BareWish = FleetWish extends infer W
  ? W extends FleetWish
    ? Omit<W, 'by' | 'why'>
    : never
  : never

export interface WorldHost extends SurveyRow {
  /** Taken with its next launch. */
  nextSpec?: string
  /** Where its instance is. */
  zone?: string
  /** The fleet has asked it to end or to start over since it was last ready. */
  told?: boolean
}

/** What goes wrong between a fleet and its hosts in one round, by slot. */
export interface RoundFaults {
  /** It is not done. */
  fails?: (slot: number) => boolean
  /** It is done, and the answer is lost. */
  loses?: (slot: number) => boolean
  /** Its row stays as it is. */
  lags?: (slot: number) => boolean
}

const nobody = () => false

const ASKED = { by: 'test', why: 'to see' }
export const BAD = 'bad'
export const specOf = (name: string) => specForTests({ imageId: `m-${name}` })

/**
 * What really runs, whatever the fleet believes: hosts that boot, fail and drain as the test says. The fleet sees the
 * rows that they write, and compares with what runs on every `resyncEvery`th look.
 */
export class FleetWorld {
  state: FleetState
  readonly hosts = new Map<number, WorldHost>()
  readonly rows = new Map<number, SurveyRow>()
  readonly holds = new WorldHolds()
  now = 1_700_000_000_000
  last: FleetActions | undefined
  view: FleetView | undefined
  /** Hosts that it took for ready with its last look, and that were not any more, through no doing of its own. */
  blind = 0
  resyncEvery = 1
  private looks = 0
  private resyncSoon = false
  private generation = 0

  constructor(size: number, policy?: FleetPolicy) {
    const input = { size, specHash: 'first', spec: specOf('first'), ...(policy && { policy }) }
    this.state = newFleetState(input, this.now)
  }

  /** False when the fleet refuses it. */
  wish(bare: BareWish): boolean {
    const wish = { ...bare, ...ASKED } as FleetWish
    if (refusalOf(this.state, wish) !== undefined) return false
    this.state = wishFleet(this.state, wish, this.now)
    return true
  }

  look(lags: (slot: number) => boolean = nobody): FleetView {
    const resync = this.resyncSoon || this.looks++ % this.resyncEvery === 0
    const known = [...expand(this.state.active), ...expand(this.state.retiring)]
    for (const host of this.hosts.values()) if (!lags(host.slot)) this.rows.set(host.slot, { ...host })
    const isSuspect = (slot: number) => resync || this.rows.get(slot)?.phase === 'retired'
    const ended = known.filter((slot) => !this.hosts.has(slot) && isSuspect(slot))
    for (const slot of ended) this.closeRow(slot)
    const counts: Record<string, number> = {}
    for (const slot of known) {
      const phase = this.rows.get(slot)?.phase ?? 'launching'
      counts[phase] = (counts[phase] ?? 0) + 1
    }
    return {
      counts,
      ended,
      unknown: resync ? [...this.hosts.keys()].filter((slot) => !known.includes(slot)) : [],
      survey: survey(this.rows, surveyRequest(this.state), this.now),
    }
  }

  /** One round as the workflow does it. */
  round({ fails = nobody, loses = nobody, lags = nobody }: RoundFaults = {}): FleetActions {
    this.now += 30_000
    const view = this.look(lags)
    this.blind = this.countBlind()
    this.state = observed(this.state, view, this.now)
    const actions = decideFleet(this.state, view, this.now)
    this.state = acted(this.state, actions)
    this.carryOut(actions, fails)
    const isUnclear = (slot: number) => fails(slot) || loses(slot)
    this.state = undone(this.state, unclear(actions, isUnclear))
    this.resyncSoon = actions.start.some(isUnclear)
    this.last = actions
    this.view = view
    return actions
  }

  /** Nobody looks for so long. */
  pass(minutes: number): void {
    this.now += minutes * 60_000
  }

  private carryOut(actions: FleetActions, fails: (slot: number) => boolean): void {
    const { start, retire, reclaimed, replace, applySpec } = actions
    for (const slot of start) if (!fails(slot)) this.born(slot)
    for (const slot of [...retire, ...reclaimed])
      this.tell(slot, fails, (host) => ({ ...host, wish: 'retire' as const, told: true }))
    const next = this.state.specHash
    const { specHash: forLaunches } = specForStart(this.state)
    for (const slot of applySpec) this.tell(slot, fails, (host) => ({ ...host, nextSpec: forLaunches }))
    for (const { slot } of replace) {
      const wish = 'replace' as const
      this.tell(slot, fails, (host) => ({ ...host, nextSpec: next, wish: host.wish ?? wish, told: true }))
    }
  }

  private born(slot: number): void {
    if (this.hosts.has(slot)) throw new Error(`slot ${slot} is started while it runs`)
    this.generation += 1
    this.hosts.set(slot, {
      slot,
      generation: `g${this.generation}`,
      attempt: 1,
      phase: 'launching',
      specHash: specForStart(this.state).specHash,
      reason: '',
    })
  }

  private closeRow(slot: number): void {
    const row = this.rows.get(slot)
    if (row) this.rows.set(slot, { ...row, phase: 'retired' })
  }

  private tell(slot: number, fails: (slot: number) => boolean, change: (host: WorldHost) => WorldHost): void {
    const host = this.hosts.get(slot)
    if (host && !fails(slot)) this.hosts.set(slot, draining(change(host)))
  }

  /** Hosts go on by one step each; those of the spec `bad` never boot. */
  step(does: (slot: number) => boolean = () => true): void {
    for (const host of Array.from(this.hosts.values())) {
      if (!does(host.slot)) continue
      const next = this.stepped(host)
      if (next) {
        this.hosts.set(host.slot, next)
        // The activity that makes it ready writes that before the workflow knows.
        if (next.phase === 'ready' && host.phase !== 'ready') this.rows.set(host.slot, { ...next })
      } else {
        // Its last act, before it ends.
        this.rows.set(host.slot, { ...host, phase: 'retired' })
        this.hosts.delete(host.slot)
      }
    }
  }

  private stepped(host: WorldHost): WorldHost | undefined {
    if (host.wish) this.holds.givenUp(host)
    if (host.wish === 'retire') return undefined
    if (host.wish === 'replace') return nextAttempt(host)
    if (host.phase === 'waiting') {
      return { ...host, phase: 'launching', specHash: host.nextSpec ?? host.specHash }
    }
    if (host.phase === 'launching') return this.holds.launched(host, this.now)
    if (host.phase !== 'booting') return host
    const isBad = host.specHash === BAD
    this.holds.ended(host, isBad ? 'failed' : 'ready', this.now)
    if (isBad) return { ...nextAttempt(host), failure: 'mute' }
    const { told: _told, ...rest } = host
    return { ...rest, phase: 'ready', readyAt: this.now }
  }

  set(slot: number, changes: Partial<WorldHost>): void {
    const host = this.hosts.get(slot)
    if (host) this.hosts.set(slot, { ...host, ...changes })
  }

  /** Every host of that phase. */
  change(phase: HostPhase, changes: Partial<WorldHost>): void {
    for (const slot of this.slots(phase)) this.set(slot, changes)
  }

  /** Until nothing changes any more, at most so many rounds. */
  settle(rounds = 60): void {
    for (let i = 0; i < rounds; i++) {
      this.round()
      this.step()
    }
  }

  slots(phase: HostPhase): number[] {
    return [...this.hosts.values()].filter((host) => host.phase === phase).map(({ slot }) => slot)
  }

  /** As the fleet counts them: up, and not asked to end. */
  up(): number {
    return [...this.hosts.values()].filter(isUp).length
  }

  /** Rows that say of a host that it is up although it is not, and not because the fleet asked for that. */
  private countBlind(): number {
    const isWrong = (row: SurveyRow) => {
      const host = this.hosts.get(row.slot)
      return isUp(row) && (!host || (!isUp(host) && !host.told))
    }
    return [...this.rows.values()].filter(isWrong).length
  }
}

const isUp = ({ phase, wish, reclaimAt }: SurveyRow): boolean => phase === 'ready' && !wish && !reclaimAt

/** A wish ends the work of a ready host at once; the others notice it with their next step. */
const draining = (host: WorldHost): WorldHost =>
  host.wish && (host.phase === 'ready' || host.phase === 'silent') ? { ...host, phase: 'draining' } : host

const unclear = (
  { start, retire, reclaimed, replace, applySpec, ...rest }: FleetActions,
  is: (slot: number) => boolean,
): FleetActions => ({
  ...rest,
  start: start.filter(is),
  retire: retire.filter(is),
  reclaimed: reclaimed.filter(is),
  replace: replace.filter(({ slot }) => is(slot)),
  applySpec: applySpec.filter(is),
})

function nextAttempt(host: WorldHost): WorldHost {
  const { wish: _wish, reclaimAt: _at, readyAt: _ready, nextSpec, ...rest } = host
  return { ...rest, attempt: host.attempt + 1, phase: 'launching', specHash: nextSpec ?? host.specHash }
}
