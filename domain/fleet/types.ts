import type { HostInput } from '../host/types.ts'
import type { HostSpec } from '../spec.ts'
import type { SlotRange } from './slots.ts'

/** What a fleet workflow is started with; `carried` after continue-as-new. */
export interface FleetInput extends Omit<HostInput, 'host' | 'carried'> {
  name: string
  size: number
  carried?: FleetState
}

/** Plain JSON: it travels through continue-as-new. */
export interface FleetState {
  desired: number
  paused: boolean
  specHash: string
  spec: HostSpec
  /** Slots that count: started and not asked to retire. */
  active: SlotRange[]
  /** Asked to retire, and not ended yet. */
  retiring: SlotRange[]
  /** Slots that may still run an older spec. */
  outdated: SlotRange[]
  /** Counts changes: the projection keeps the newest. */
  seq: number
  /** For people: the last thing that happened. */
  note: string
}

/** What was seen of the fleet. */
export interface FleetView {
  counts: Record<string, number>
  ended: number[]
  unknown: number[]
  scaleIn: { slot: number }[]
}

/** What to do next: at most one batch of each. */
export interface FleetActions {
  start: number[]
  retire: number[]
  applySpec: number[]
}
