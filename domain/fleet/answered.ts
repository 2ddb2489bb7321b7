import type { FleetAnswer } from '../messages.ts'
import type { FleetState } from './types.ts'

/**
 * A firing is tried again for ten minutes. More wishes than these within them come from schedules of every few seconds
 * only; an answer has about 200 bytes, and travels with the state.
 */
export const MAX_ANSWERED = 100
/** Whoever takes an id again after that has another wish. */
const KEPT_MS = 60 * 60_000

/** What was answered to this wish before; undefined for a new one. `now`: workflow time, ms. */
export const answerBefore = (
  { answered = [] }: FleetState,
  id: string,
  now: number,
): FleetAnswer | undefined => answered.find((one) => one.id === id && now - one.at < KEPT_MS)?.answer

/** Remembers an answer: the server itself knows ids of updates in one run of a workflow only. */
export const withAnswer = (state: FleetState, id: string, answer: FleetAnswer, now: number): FleetState => ({
  ...state,
  answered: [
    ...(state.answered ?? []).filter((one) => one.id !== id && now - one.at < KEPT_MS),
    { id, answer, at: now },
  ].slice(-MAX_ANSWERED),
})
