import { deadline, lost, notRunning, running, started } from './booting.ts'
import { evidenceTaken, gone, preserved } from './attempt-end.ts'
import type { HostMachineEvent } from './events.ts'
import { found, held, launched, planned, refused, unclear, waited } from './launching.ts'
import {
  drainDeadline,
  drainTold,
  drained,
  graceOver,
  heard,
  inspected,
  judged,
  reclaimNotice,
  silent,
  renewed,
  welcomed,
  workloadFailed,
} from './ready.ts'
import type { HostState } from './types.ts'
import { applySpec, cancel, preserve, wish } from './wishes.ts'

type Handlers = {
  [T in HostMachineEvent['type']]: (
    state: HostState,
    event: Extract<HostMachineEvent, { type: T }>,
  ) => HostState
}

/** One line per event: the whole life of a host. */
const HANDLERS: Handlers = {
  planned,
  held,
  waited,
  launched,
  refused,
  unclear,
  found,
  running,
  notRunning,
  lost,
  deadline,
  welcomed,
  renewed,
  silent,
  inspected,
  graceOver,
  judged,
  drainTold,
  drainDeadline,
  evidenceTaken,
  preserved,
  gone,
  cancel,
  started,
  heard,
  drained,
  workloadFailed,
  reclaimNotice,
  drain: wish,
  replace: wish,
  retire: wish,
  preserve,
  applySpec,
}

/**
 * Moves a host by one event. Pure: what follows is in the new state's `step`, and the workflow carries it out. After
 * the end nothing changes.
 */
export function decide(state: HostState, event: HostMachineEvent): HostState {
  if (state.step === 'end') return state
  const handler = HANDLERS[event.type] as (state: HostState, event: HostMachineEvent) => HostState
  const next = handler(state, event)
  return isClosing(state) ? withLines(state, next, event) : next
}

/** The record that closes the attempt travels with these steps: lines that come meanwhile must not take its numbers. */
const isClosing = (state: HostState): boolean => state.step === 'delete' || state.step === 'preserve'

function withLines(before: HostState, after: HostState, event: HostMachineEvent): HostState {
  const { later = [], ...next } = after
  const fresh = next.events.slice(before.events.length)
  if (event.type !== 'gone' && event.type !== 'preserved') {
    return { ...next, events: before.events, seq: before.seq, later: [...later, ...fresh] }
  }
  return later.reduce(
    (state, line) => ({
      ...state,
      seq: state.seq + 1,
      events: [...state.events, { ...line, seq: state.seq + 1 }],
    }),
    next,
  )
}
