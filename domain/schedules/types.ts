import type { CronDialect } from '../cron/index.ts'
import type { ScheduledAction } from './actions.ts'

/** What happens when a schedule is due while its last run is in progress. */
export const OVERLAPS = [
  'skip',
  'bufferOne',
  'bufferAll',
  'cancelOther',
  'terminateOther',
  'allowAll',
] as const
export type Overlap = (typeof OVERLAPS)[number]

/** What holds where the config says nothing. */
export const SCHEDULE_DEFAULTS = {
  dialect: 'robfig-v1',
  overlap: 'skip',
  /** Long enough for a restart of the server; a size that is hours late would be the wrong one by then. */
  catchUpMs: 10 * 60_000,
  jitterMs: 0,
} as const

/** A schedule as the config wants it. */
export interface ScheduleSpec {
  name: string
  /** As written. */
  expression: string
  /** IANA name. */
  timezone: string
  dialect: CronDialect
  do: ScheduledAction
  overlap: Overlap
  /** A firing that was missed while Temporal was away still happens when it is no later than this. 10 s or more. */
  catchUpMs: number
  /** Each firing comes up to this much later. */
  jitterMs: number
  /** Whether it begins paused; absent: people alone decide, and it begins running. */
  paused?: boolean
  /** What it is for. */
  note?: string
}

/** Whose cloud and namespace an action is about. */
export interface ActionScope {
  controller: string
  /** UUID of the Temporal namespace: part of the tags of our instances. */
  namespaceId: string
  region: string
}

/**
 * The first argument of the workflow that a schedule starts, and the truth about the schedule: the server itself keeps
 * only the compiled form of an expression.
 */
export interface ActionInput extends Pick<
  ScheduleSpec,
  'expression' | 'timezone' | 'dialect' | 'do' | 'paused' | 'note'
> {
  schedule: string
  /** Where `@every` counts from, ISO text; kept while the expression stays the same. */
  anchor: string
  scope: ActionScope
}

/** Of a schedule on the server, what can differ from the config. */
export interface ExistingSchedule {
  input: ActionInput
  overlap: Overlap
  catchUpMs: number
  jitterMs: number
  /** Digest of the compiled form: another version of Muster may compile otherwise. */
  compiled: string
  /** Present state, of the config or of a person. */
  isPaused: boolean
}

/** What became of one firing. Plain JSON: the result of the workflow. */
export interface ActionOutcome {
  schedule: string
  /** "scaled fleet render to 40 hosts" */
  did: string
  /** What the fleet or sweep answered. */
  answer: Record<string, unknown>
}
