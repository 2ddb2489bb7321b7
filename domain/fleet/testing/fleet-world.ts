import type { HostPhase } from '../../host/types.ts'
import { specForTests } from '../../testing/specs.ts'
import { acted, decideFleet, observed, undone } from '../decide.ts'
import { surveyRequest } from '../record.ts'
import { expand } from '../slots.ts'
import { newFleetState, specForStart } from '../state.ts'
import { survey, type SurveyRow } from '../survey.ts'
import type { FleetPolicy } from '../policy.ts'
import type { FleetActions, FleetState, FleetView } from '../types.ts'
import { refusalOf } from '../refusal.ts'
import { wishFleet, type FleetWish } from '../wishes.ts'

/** A wish without who and why. */
export type BareWish = FleetWish extends infer W
  ? W extends FleetWish
    ? Omit<W, 'by' | 'why'>
    : never
  : never

export interface WorldHost extends SurveyRow {
  /** Taken with its next launch. */
  nextSpec?: string
}

const ASKED = { by: 'test', why: 'to see' }
export const BAD = 'bad'
export const specOf = (name: string) => specForTests({ imageId: `m-${name}` })

/** What really runs, whatever the fleet believes: hosts that boot, fail and drain as they are told. */
export class FleetWorld {
  state: FleetState
  readonly hosts = new Map<number, WorldHost>()
  now = 1_700_000_000_000
  last: FleetActions | undefined
  view: FleetView | undefined
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

  look(): FleetView {
    const known = [...expand(this.state.active), ...expand(this.state.retiring)]
    const counts: Record<string, number> = {}
    for (const { phase } of this.hosts.values()) counts[phase] = (counts[phase] ?? 0) + 1
    return {
      counts,
      ended: known.filter((slot) => !this.hosts.has(slot)),
      unknown: [...this.hosts.keys()].filter((slot) => !known.includes(slot)),
      survey: survey(this.hosts, surveyRequest(this.state), this.now),
    }
  }

  /** One round as the workflow does it; `fails` says which slots cannot be reached. */
  round(fails: (slot: number) => boolean = () => false): FleetActions {
    this.now += 30_000
    const view = this.look()
    this.state = observed(this.state, view, this.now)
    const actions = decideFleet(this.state, view, this.now)
    this.state = acted(this.state, actions)
    this.state = undone(this.state, this.carryOut(actions, fails))
    this.last = actions
    this.view = view
    return actions
  }

  private carryOut(actions: FleetActions, fails: (slot: number) => boolean): FleetActions {
    const { start, retire, reclaimed, replace, applySpec } = actions
    for (const slot of start) if (!fails(slot)) this.born(slot)
    for (const slot of [...retire, ...reclaimed])
      this.tell(slot, fails, (host) => ({ ...host, wish: 'retire' as const }))
    const next = this.state.specHash
    const { specHash: forLaunches } = specForStart(this.state)
    for (const slot of applySpec) this.tell(slot, fails, (host) => ({ ...host, nextSpec: forLaunches }))
    for (const { slot } of replace) {
      this.tell(slot, fails, (host) => ({ ...host, nextSpec: next, wish: host.wish ?? ('replace' as const) }))
    }
    return {
      ...actions,
      start: start.filter(fails),
      retire: retire.filter(fails),
      reclaimed: reclaimed.filter(fails),
      replace: replace.filter(({ slot }) => fails(slot)),
      applySpec: applySpec.filter(fails),
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

  private tell(slot: number, fails: (slot: number) => boolean, change: (host: WorldHost) => WorldHost): void {
    const host = this.hosts.get(slot)
    if (host && !fails(slot)) this.hosts.set(slot, draining(change(host)))
  }

  /** Hosts go on by one step each; those of the spec `bad` never boot. */
  step(does: (slot: number) => boolean = () => true): void {
    for (const host of Array.from(this.hosts.values())) {
      if (!does(host.slot)) continue
      const next = stepped(host, this.now)
      if (next) this.hosts.set(host.slot, next)
      else this.hosts.delete(host.slot)
    }
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
    return [...this.hosts.values()].filter(
      ({ phase, wish, reclaimAt }) => phase === 'ready' && !wish && !reclaimAt,
    ).length
  }
}

/** A wish ends the work of a ready host at once; the others notice it with their next step. */
const draining = (host: WorldHost): WorldHost =>
  host.wish && (host.phase === 'ready' || host.phase === 'silent') ? { ...host, phase: 'draining' } : host

function stepped(host: WorldHost, now: number): WorldHost | undefined {
  if (host.wish === 'retire') return undefined
  if (host.wish === 'replace') return nextAttempt(host)
  if (host.phase === 'waiting') {
    return { ...host, phase: 'launching', specHash: host.nextSpec ?? host.specHash }
  }
  if (host.phase === 'launching') return { ...host, phase: 'booting' }
  if (host.phase !== 'booting') return host
  if (host.specHash === BAD) return { ...nextAttempt(host), failure: 'mute' }
  return { ...host, phase: 'ready', readyAt: now }
}

function nextAttempt(host: WorldHost): WorldHost {
  const { wish: _wish, reclaimAt: _at, readyAt: _ready, nextSpec, ...rest } = host
  return { ...rest, attempt: host.attempt + 1, phase: 'launching', specHash: nextSpec ?? host.specHash }
}
