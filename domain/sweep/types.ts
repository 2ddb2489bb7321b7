import type { HostId } from '../ids.ts'
import type { Owner } from '../tags.ts'

/** What the cloud may be left with. */
export type ResourceKind = 'instance' | 'disk' | 'interface'

/** One resource as the cloud listed it. */
export interface SweptResource {
  kind: ResourceKind
  id: string
  /** The cloud's word: `Running`, for disks and interfaces `Available` when attached to nothing. */
  status: string
  /** ms since 1970, by the cloud's clock; absent where the cloud did not say. */
  createdAt?: number
  tags: Record<string, string>
}

/** What Temporal says of a host workflow. */
export type Claim =
  /** It has ended, or there never was one: proven. */
  | { kind: 'ended'; how: string }
  | {
      kind: 'running'
      generation?: string
      attempt?: number
      /** The instance of its present attempt, once it knows one. */
      instanceId?: string
      /**
       * Said by the workflow itself. Otherwise by what the server keeps of it, which is written when phase or attempt
       * change and so may lack the instance.
       */
      byWorkflow: boolean
    }
  /** No answer: nothing follows from it. */
  | { kind: 'unanswered'; why: string }

/**
 * - claimed: its host has it, or it is attached to something
 * - tooYoung: within the age guard: its launch may not be recorded yet
 * - preserved: kept for a person
 * - foreign: of another Temporal namespace: reported, never touched
 * - unreadable: its tags name no attempt: reported, never touched
 * - doubtful: it could not be proven to be unclaimed
 * - markOrphan: unclaimed, to be marked now
 * - marked: unclaimed and marked, but not for long enough
 * - delete: unclaimed, and marked long ago
 * - unmark: marked once, claimed now
 * - held: unclaimed, but too many are: a person must look first
 */
export type SweepVerdict =
  | 'claimed'
  | 'tooYoung'
  | 'preserved'
  | 'foreign'
  | 'unreadable'
  | 'doubtful'
  | 'markOrphan'
  | 'marked'
  | 'delete'
  | 'unmark'
  | 'held'

export interface SweepPolicy {
  /** Nothing younger is looked at, and nothing is deleted sooner than half of this after it was marked. */
  ageGuardMs: number
  /**
   * More unclaimed resources of a kind than the larger of both (the share is of the hosts wanted), of one fleet or of all:
   * none is deleted. More hosts whose instance the cloud does not know: its list is taken for wrong.
   */
  maxOrphans: number
  maxPercent: number
}

export interface Decided {
  resource: SweptResource
  host?: HostId
  verdict: SweepVerdict
  /** For people, in words. */
  reason: string
}

/** What is known when the decision is made. */
export interface SweepQuestion {
  resources: SweptResource[]
  /** By host; one that is missing counts as unanswered. */
  claims: Record<HostId, Claim>
  /** Hosts wanted, by fleet: what five per cent are taken of. */
  fleets: Record<string, number>
  owner: Owner
  policy: SweepPolicy
  /** Wall clock, ms since 1970. */
  now: number
}

export interface SweepDecision {
  decided: Decided[]
  /** What a person must look at. */
  alarms: string[]
}

/** What the sweep workflow is started with. */
export interface SweepInput extends Owner {
  region: string
  /** Who asked and why, for the audit. */
  by: string
  why: string
  /** Over what the worker's config says. */
  policy?: Partial<SweepPolicy>
  /** Tell what would be done, and do nothing. */
  dryRun?: boolean
}

/** The same with everything said. */
export interface SweepOrder extends SweepInput {
  policy: SweepPolicy
  dryRun: boolean
}

/** One line of a report. */
export interface SweepLine {
  kind: ResourceKind
  id: string
  host?: HostId
  verdict: SweepVerdict
  reason: string
  /** What became of a verdict that asks for something; absent in a dry run. */
  outcome?: 'done' | 'refused' | 'changed'
}

/** What a sweep answers: plain JSON, kept as the workflow's result. */
export interface SweepReport {
  /** When it began, ms since 1970 by the worker's clock. */
  at: number
  dryRun: boolean
  policy: SweepPolicy
  /** Absent when it could look at everything; else why nothing was done. */
  abandoned?: string
  /** Resources by kind and verdict. */
  counts: Record<ResourceKind, Partial<Record<SweepVerdict, number>>>
  marked: number
  unmarked: number
  /** Whose delete the cloud has accepted. */
  deleted: number
  /** What is not simply claimed, the weightiest first; at most {@link MAX_LINES}. */
  lines: SweepLine[]
  /** Lines beyond that. */
  more: number
  /** Hosts that believe to have an instance which the cloud does not know. */
  missing: { host: HostId; instanceId: string; phase: string }[]
  alarms: string[]
}

/** Lines in a report: it is kept in a history. */
export const MAX_LINES = 200

/** Ten minutes, and five or five per cent: what other fleet managers' collectors were missing when they ate live fleets. */
export const DEFAULT_SWEEP_POLICY: SweepPolicy = { ageGuardMs: 10 * 60_000, maxOrphans: 5, maxPercent: 5 }
