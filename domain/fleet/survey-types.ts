import type { AttemptOutcome, HostPhase, Wish } from '../host/types.ts'
import type { SlotRange } from './slots.ts'

/** A host in the projection. Instants by the wall clock, ms. */
export interface SurveyRow {
  slot: number
  generation: string
  attempt: number
  phase: HostPhase
  specHash: string
  reason: string
  readyAt?: number
  wish?: Wish['kind']
  failure?: AttemptOutcome
  /** When the cloud reclaims its instance. */
  reclaimAt?: number
}

/**
 * A host that was asked to replace its instance, as it was at that time; or one that was started during a rollout. Another
 * generation, attempt or spec than this means that it has obeyed.
 */
export interface Replacing {
  slot: number
  /** Empty: started during the rollout, there was nothing to replace. */
  generation: string
  attempt: number
  specHash: string
  /** It was up: until it is again it counts as missing. */
  up: boolean
}

/** What the fleet wants to know. Slots that it does not name are left out. */
export interface SurveyRequest {
  active: SlotRange[]
  retiring: SlotRange[]
  surge: SlotRange[]
  marks: SlotRange[]
  replacing: Replacing[]
  /** Of `retiring` and `replacing`: those that may not have received the request. Absent: none. */
  unclear?: SlotRange[]
  specHash: string
  /** Present during a rollout. `forced`: slots to be replaced although they run the spec. */
  rolling?: { forced: SlotRange[] }
  /** Hosts that have been ready for longer are to be replaced. Absent: no limit. */
  maxLifetimeMs?: number
  /** How many candidates for scale-in are wanted, and whether the latest go first instead of the oldest. */
  scaleIn: number
  latestFirst: boolean
}

/** What the fleet decides by: counts, and lists bounded in length, because the result is kept in the workflow's history. */
export interface Survey {
  /** Active hosts that are up and not about to be replaced. */
  ready: number
  silent: number
  /** Hosts whose reclaim the cloud has announced, retiring ones included. */
  announced: number
  /** The active ones of them. */
  reclaimed: number[]
  /** To be replaced (another spec, forced, or too old), and not asked to yet. */
  old: number
  /** How many of those are up, plus those being replaced that were up and are not yet again. */
  oldUp: number
  /** Active slots that have no row in this life yet. */
  unwritten: number
  /** The next of `old` to ask, best first. */
  renew: Replacing[]
  /** How far each of {@link SurveyRequest.replacing} has come. */
  replaced: { slot: number; now: ReplacedNow }[]
  /** Of {@link SurveyRequest.unclear}: those that have not begun. Absent: none was asked about. */
  unclear?: UnclearSlot[]
  /** Forced slots without an instance: their next launch is a new one anyway. */
  fresh: number[]
  /** Failed boots of the wanted spec, among {@link SurveyRequest.replacing} that are not up. */
  failed: number
  /** The cloud refuses to launch the wanted spec at all: its words. */
  refused?: string
  /** The first to go when the fleet shrinks, best first. */
  scaleIn: { slot: number; up: boolean }[]
}

/** A host that may not have received a request. `mayWork`: it is up, or silent, which may end at any moment. */
export interface UnclearSlot {
  slot: number
  mayWork: boolean
}

/** `old`: has not begun; `coming`: has begun and is not up; `up`: is; `stale`: has begun, with a spec no longer wanted. */
export type ReplacedNow = 'old' | 'coming' | 'up' | 'stale'
