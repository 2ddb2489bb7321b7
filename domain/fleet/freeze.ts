import { isMassSilence } from '../silence/mass.ts'
import { withNews } from './state.ts'
import type { FleetState, FleetView } from './types.ts'

/**
 * Takes in whether too many hosts are silent at once. While they are, the fleet is frozen: an outage of ours looks just
 * the same, and acting on it would make it worse. Nothing is started, retired or replaced; what people ask is kept and
 * done afterwards, or at once when a person overrides the freeze.
 */
export function takeFreeze(state: FleetState, { counts }: FleetView, now: number): FleetState {
  const current = withoutOldOverride(state, now)
  const silent = counts['silent'] ?? 0
  const of = silent + (counts['ready'] ?? 0)
  if (!isMassSilence(silent, of)) return thawed(current, silent, of)
  if (current.frozen?.silent === silent && current.frozen.of === of) return current
  const frozen = { since: current.frozen?.since ?? now, silent, of }
  if (current.frozen) return { ...current, frozen }
  const why = `${silent} of ${of} hosts are silent at once: nothing is started, retired or replaced until beats come back or a person overrides it`
  return withNews({ ...current, frozen }, { what: 'frozen', why })
}

function thawed(state: FleetState, silent: number, of: number): FleetState {
  const { frozen, ...rest } = state
  if (!frozen) return state
  return withNews(rest, { what: 'no longer frozen', why: `${silent} of ${of} hosts are silent` })
}

function withoutOldOverride(state: FleetState, now: number): FleetState {
  const { override, ...rest } = state
  return override && override.until <= now ? rest : state
}

/** True while the fleet acts on nothing. `now`: workflow time, ms. */
export const isHalted = ({ paused, frozen, override }: FleetState, now: number): boolean =>
  paused || (frozen !== undefined && !(override && now < override.until))
