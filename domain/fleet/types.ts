import type { HostInput } from '../host/types.ts'
import type { FleetAnswer } from '../messages.ts'
import type { HostSpec } from '../spec.ts'
import type { FleetPolicy } from './policy.ts'
import type { SlotRange } from './slots.ts'
import type { Replacing, Survey } from './survey-types.ts'

/** What a fleet workflow is started with; `carried` after continue-as-new. */
export interface FleetInput extends Omit<HostInput, 'host' | 'carried'> {
  name: string
  size: number
  /** Absent: the defaults. */
  policy?: FleetPolicy
  carried?: FleetState
}

export interface SpecRef {
  specHash: string
  spec: HostSpec
}

/** A spec to return to. */
export interface FormerSpec extends SpecRef {
  /** Its rollout was rolled back before it was done: a person may want it again, but nothing starts with it on its own. */
  isUnproven?: true
}

/** Plain JSON: it travels through continue-as-new. Instants in ms of workflow time. */
export interface FleetState {
  desired: number
  /** Who has asked for that size, and why; absent while it is the one that the fleet began with. */
  sizedBy?: { by: string; why: string }
  paused: boolean
  specHash: string
  spec: HostSpec
  /** Who has asked for that spec, and why; absent while it is the one that the fleet began with. */
  specBy?: { by: string; why: string }
  policy: FleetPolicy
  /** What new launches pass to agents about the API; absent in fleets from before this was kept. */
  api?: HostInput['api']
  /** Where `rollback` leads: the spec before this one, or before those whose rollout was broken off. */
  previous?: FormerSpec
  /** Slots that count: started and not asked to retire. */
  active: SlotRange[]
  /** Asked to retire, and not ended yet. */
  retiring: SlotRange[]
  /** Slots that may still run an older spec, and have not been notified of the new one. */
  outdated: SlotRange[]
  /** Started beyond the desired ones while others are replaced. */
  surge: SlotRange[]
  /** Marked by a person: they go first when the fleet shrinks. */
  marks: SlotRange[]
  /** Asked to start over in place, and not ready again yet. */
  replacing: Replacing[]
  /** Of `retiring` and `replacing`: asked without a clear answer, and to be asked again. Absent: none of them. */
  unclear?: SlotRange[]
  /** How many of the active ones were asked for beyond what is wanted (`overAskPercent`). */
  extra: number
  rollout?: Rollout
  frozen?: Frozen
  /** A person has said that the fleet acts although it is frozen. */
  override?: { until: number; by: string; why: string }
  /** As many hosts as the limit, or more: nothing is launched. */
  overshoot?: { live: number; limit: number }
  /** Not yet in the audit. */
  news: FleetNews[]
  /** The last wishes by their ids, newest last: one that is sent again after continue-as-new is known. */
  answered?: AnsweredWish[]
  /** Counts changes: the projection keeps the newest. */
  seq: number
  /** For people: the last thing that happened. */
  note: string
}

/** A wish that was taken, and what was answered. */
export interface AnsweredWish {
  id: string
  answer: FleetAnswer
  /** Workflow time, ms. */
  at: number
}

/** Something that the fleet did on its own and that somebody will ask about. */
export interface FleetNews {
  what: string
  why: string
}

/** Hosts are being brought to a spec, or replaced, in turn. */
export interface Rollout {
  state: 'rolling' | 'stopped' | 'done'
  specHash: string
  by: string
  why: string
  startedAt: number
  /** To be replaced although they run this spec. */
  forced: SlotRange[]
  /** How many are still to be replaced, as last seen. */
  left: number
  /** Hosts that became ready with the spec. */
  succeeded: number
  /** Failed boots of the spec among hosts that are not ready, as last seen. */
  failed: number
  /** What `failed` was at the last success: failures before it do not count. */
  failedBefore: number
  /** Why it was stopped. */
  reason?: string
}

export interface Frozen {
  since: number
  silent: number
  of: number
}

/** What was seen of the fleet. */
export interface FleetView {
  /** Hosts by phase. */
  counts: Record<string, number>
  ended: number[]
  unknown: number[]
  survey: Survey
}

/** What to do next: at most one batch of each. */
export interface FleetActions {
  start: number[]
  /** Those of `start` that are beyond the desired ones. */
  surge: number[]
  retire: number[]
  /** Retired because the cloud takes their instance; not in `retire`. */
  reclaimed: number[]
  replace: Replacing[]
  applySpec: number[]
  /** What `extra` will be. */
  extra: number
}

/** What people see of a fleet besides its numbers: kept in its row. Instants by the wall clock of the writer. */
export interface FleetStatus {
  rollout?: Omit<Rollout, 'forced' | 'failedBefore'>
  frozen?: Frozen
  override?: { until: number; by: string; why: string }
  overshoot?: { live: number; limit: number }
  /** Slots. */
  surge: number
  replacing: number
  extra: number
  marks: SlotRange[]
  policy: FleetPolicy
  /** Hash of the spec that `rollback` returns to. */
  previousSpecHash?: string
}
