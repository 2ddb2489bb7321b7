import { addSlots, countSlots, expand, lowestFree, removeSlots, type SlotRange } from './slots.ts'
import type { FleetActions, FleetInput, FleetState, FleetView } from './types.ts'

/** Hosts started, retired or told in one go: an activity's time and a payload's size bound it. */
export const BATCH = 200

/** `at`: workflow time, ms. Changes are counted from it, so that a fleet started anew is newer than its former life. */
export const newFleetState = (
  input: Pick<FleetInput, 'size' | 'specHash' | 'spec'>,
  at: number,
): FleetState => ({
  desired: input.size,
  paused: false,
  specHash: input.specHash,
  spec: input.spec,
  active: [],
  retiring: [],
  outdated: [],
  seq: at,
  note: `begins with a desired size of ${input.size}`,
})

/** What a person or a schedule asks of a fleet. */
export type FleetWish =
  | { type: 'resize'; size: number; by: string; why: string }
  | { type: 'apply'; specHash: string; spec: FleetState['spec']; size?: number; by: string; why: string }
  | { type: 'pause' | 'resume'; by: string; why: string }

export function wishFleet(state: FleetState, wish: FleetWish): FleetState {
  const asked = (what: string) => ({ seq: state.seq + 1, note: `${what} by ${wish.by}: ${wish.why}` })
  switch (wish.type) {
    case 'resize':
      return { ...state, desired: wish.size, ...asked(`resized from ${state.desired} to ${wish.size}`) }
    case 'apply': {
      const sized = { ...state, desired: wish.size ?? state.desired }
      if (wish.specHash === state.specHash) return { ...sized, ...asked('applied, spec unchanged,') }
      const { specHash, spec } = wish
      return { ...sized, specHash, spec, outdated: state.active, ...asked(`spec ${specHash} applied`) }
    }
    case 'pause':
      return { ...state, paused: true, ...asked('paused') }
    case 'resume':
      return { ...state, paused: false, ...asked('resumed') }
    default:
      return wish satisfies never
  }
}

/** Takes in what was seen: ended slots leave, running ones that the fleet did not know count from now on. */
export function observed(state: FleetState, view: FleetView): FleetState {
  if (view.ended.length === 0 && view.unknown.length === 0) return state
  return {
    ...state,
    active: addSlots(removeSlots(state.active, view.ended), view.unknown),
    retiring: removeSlots(state.retiring, view.ended),
    outdated: addSlots(removeSlots(state.outdated, view.ended), view.unknown),
    seq: state.seq + 1,
  }
}

/**
 * What brings the fleet nearer to what is wanted. New hosts take the lowest numbers that no running workflow has; a
 * retiring slot is gone for the count. A paused fleet starts and retires nothing.
 */
export function decideFleet(state: FleetState, view: Pick<FleetView, 'scaleIn'>): FleetActions {
  const nothing: FleetActions = { start: [], retire: [], applySpec: [] }
  if (state.paused) return nothing
  const applySpec = expand(state.outdated).slice(0, BATCH)
  const missing = state.desired - countSlots(state.active)
  if (missing > 0) {
    return {
      ...nothing,
      applySpec,
      start: lowestFree([...state.active, ...state.retiring], Math.min(missing, BATCH)),
    }
  }
  return { ...nothing, applySpec, retire: chooseRetiring(state.active, view, Math.min(-missing, BATCH)) }
}

/** The candidates in the order they were seen, then the highest numbers. */
function chooseRetiring(active: SlotRange[], view: Pick<FleetView, 'scaleIn'>, count: number): number[] {
  const slots = new Set(expand(active))
  const candidates = view.scaleIn.map(({ slot }) => slot).filter((slot) => slots.has(slot))
  const rest = [...slots].toSorted((a, b) => b - a)
  return [...new Set([...candidates, ...rest])].slice(0, Math.max(0, count))
}

/** Notes what has been done: before it is known to have worked, because an ended slot is seen and leaves again. */
export function acted(state: FleetState, actions: FleetActions): FleetState {
  if (actions.start.length + actions.retire.length + actions.applySpec.length === 0) return state
  return {
    ...state,
    active: removeSlots(addSlots(state.active, actions.start), actions.retire),
    retiring: addSlots(state.retiring, actions.retire),
    outdated: removeSlots(state.outdated, [...actions.applySpec, ...actions.retire]),
    seq: state.seq + 1,
    note: actionText(actions),
  }
}

/** Takes back what could not be done, so that it is decided on again. */
export function undone(state: FleetState, failed: FleetActions): FleetState {
  if (failed.start.length + failed.retire.length + failed.applySpec.length === 0) return state
  const active = addSlots(removeSlots(state.active, failed.start), failed.retire)
  const isActive = new Set(expand(active))
  return {
    ...state,
    active,
    retiring: removeSlots(state.retiring, failed.retire),
    outdated: addSlots(
      state.outdated,
      failed.applySpec.filter((slot) => isActive.has(slot)),
    ),
    seq: state.seq + 1,
  }
}

function actionText({ start, retire, applySpec }: FleetActions): string {
  return [
    start.length > 0 ? `${start.length} hosts started` : '',
    retire.length > 0 ? `${retire.length} hosts retired` : '',
    applySpec.length > 0 ? `new spec handed to ${applySpec.length} hosts` : '',
  ]
    .filter(Boolean)
    .join(', ')
}
