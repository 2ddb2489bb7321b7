import type { FleetAnswer } from '../messages.ts'
import type { FleetState } from './types.ts'

/**
 * A firing is tried again for ten minutes. More wishes than these within them come from schedules of every few seconds
 * only; an answer has about 200 bytes, and travels with the state.
 */
export const MAX_ANSWERED = 100

/** What was answered to this wish before; undefined for a new one. */
export const answerBefore = ({ answered = [] }: FleetState, id: string): FleetAnswer | undefined =>
  answered.find((one) => one.id === id)?.answer

/** Remembers an answer: the server itself knows ids of updates in one run of a workflow only. */
export const withAnswer = (state: FleetState, id: string, answer: FleetAnswer): FleetState => ({
  ...state,
  answered: [...(state.answered ?? []), { id, answer }].slice(-MAX_ANSWERED),
})
