import type { HostInput } from '../host/types.ts'
import type { HostSpec } from '../spec.ts'
import { clockText } from '../durations.ts'
import type { FleetPolicy } from './policy.ts'
import { addSlots, removeSlots } from './slots.ts'
import type { FleetState, FormerSpec, Rollout } from './types.ts'

/** What a person or a schedule asks of a fleet. */
export type FleetWish = { by: string; why: string } & (
  | { type: 'resize'; size: number }
  | {
      type: 'apply'
      specHash: string
      spec: HostSpec
      size?: number
      policy?: FleetPolicy
      api?: HostInput['api']
    }
  | { type: 'pause' | 'resume' | 'rollback' }
  | { type: 'roll'; force?: boolean }
  | { type: 'overrideFreeze'; forMs: number }
  | { type: 'mark' | 'unmark'; slots: number[] }
)

export type WishOf<T extends FleetWish['type']> = FleetWish & { type: T }

type Handlers = { [T in FleetWish['type']]: (state: FleetState, wish: WishOf<T>, at: number) => FleetState }

/** One line per wish. */
const HANDLERS: Handlers = {
  resize: (state, wish) => ({
    ...state,
    desired: wish.size,
    sizedBy: { by: wish.by, why: wish.why },
    ...noted(state, wish, `resized from ${state.desired} to ${wish.size}`),
  }),
  apply: applied,
  pause: (state, wish) => ({ ...state, paused: true, ...noted(state, wish, 'paused') }),
  resume: (state, wish) => ({ ...state, paused: false, ...noted(state, wish, 'resumed') }),
  roll: rolled,
  rollback: rolledBack,
  overrideFreeze: (state, { forMs, by, why }, at) => ({
    ...state,
    override: { until: at + forMs, by, why },
    ...noted(state, { by, why }, `freeze overridden for ${clockText(forMs)}`),
  }),
  mark: (state, wish) => ({
    ...state,
    marks: addSlots(state.marks, wish.slots),
    ...noted(state, wish, `${slotsText(wish.slots)} marked`),
  }),
  unmark: (state, wish) => ({
    ...state,
    marks: removeSlots(state.marks, wish.slots),
    ...noted(state, wish, `${slotsText(wish.slots)} unmarked`),
  }),
}

/** Takes a wish. `at`: workflow time, ms. */
export function wishFleet(state: FleetState, wish: FleetWish, at: number): FleetState {
  const handler = HANDLERS[wish.type] as (state: FleetState, wish: FleetWish, at: number) => FleetState
  return handler(state, wish, at)
}

const slotsText = (slots: number[]): string => `${slots.length === 1 ? 'slot' : 'slots'} ${slots.join(', ')}`

const noted = ({ seq }: FleetState, { by, why }: { by: string; why: string }, what: string) => ({
  seq: seq + 1,
  note: `${what} by ${by}: ${why}`,
})

function rolled(state: FleetState, wish: WishOf<'roll'>, at: number): FleetState {
  const isForced = wish.force === true
  const what = isForced ? 'rollout of all hosts asked' : 'rollout of hosts with an older spec asked'
  const rollout = newRollout(state.specHash, wish, at, isForced ? state.active : [])
  return { ...state, rollout, ...noted(state, wish, what) }
}

function newRollout(
  specHash: string,
  { by, why }: { by: string; why: string },
  startedAt: number,
  forced: Rollout['forced'] = [],
): Rollout {
  return {
    state: 'rolling',
    specHash,
    by,
    why,
    startedAt,
    forced,
    left: 0,
    succeeded: 0,
    failed: 0,
    failedBefore: 0,
  }
}

function applied(state: FleetState, wish: WishOf<'apply'>, at: number): FleetState {
  const { specHash, spec, by, why } = wish
  const sized: FleetState = {
    ...state,
    seq: state.seq + 1,
    desired: wish.size ?? state.desired,
    ...(wish.size !== undefined && { sizedBy: { by, why } }),
    specBy: { by, why },
    policy: wish.policy ?? state.policy,
    ...(wish.api && { api: wish.api }),
    // The way to the API goes the way of the spec: hosts use it from their next launch on.
    ...(wish.api && !sameApi(wish.api, state.api) && { outdated: state.active }),
  }
  if (specHash === state.specHash) return { ...sized, note: `applied, spec unchanged, by ${by}: ${why}` }
  const { rollout: _ended, ...rest } = sized
  const next = {
    ...rest,
    specHash,
    spec,
    previous: provenSpec(state),
    note: `spec ${specHash} applied by ${by}: ${why}`,
  }
  if (next.policy.rollout.onApply === 'nextLaunch') return { ...next, outdated: state.active }
  return { ...next, rollout: newRollout(specHash, wish, at) }
}

const sameApi = (a: HostInput['api'], b: HostInput['api'] | undefined): boolean =>
  a.url === b?.url && a.keyId === b.keyId

/** A spec whose rollout was broken off is none to return to. */
function provenSpec(state: FleetState): FormerSpec {
  const { previous, specHash, spec } = state
  return isProven(state) || !previous || previous.isUnproven ? { specHash, spec } : previous
}

const isProven = ({ rollout, specHash }: FleetState): boolean =>
  rollout === undefined || rollout.state === 'done' || rollout.specHash !== specHash

/** The previous spec comes back; hosts that were only notified of the other one are notified again. */
function rolledBack(state: FleetState, wish: WishOf<'rollback'>, at: number): FleetState {
  const { previous, specHash, spec } = state
  if (!previous) return state
  return {
    ...state,
    specHash: previous.specHash,
    spec: previous.spec,
    specBy: { by: wish.by, why: wish.why },
    previous: { specHash, spec, ...(!isProven(state) && { isUnproven: true }) },
    outdated: state.active,
    rollout: newRollout(previous.specHash, wish, at),
    seq: state.seq + 1,
    note: `rolled back to spec ${previous.specHash} by ${wish.by}: ${wish.why}`,
  }
}
