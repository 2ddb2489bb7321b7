import { openAction } from '../schedules/actions.ts'
import { SCHEDULE_DEFAULTS, type ScheduleSpec } from '../schedules/types.ts'
import type { MusterConfig } from './types.ts'

/** Where neither the schedule nor the file names one: the same on every machine. */
export const DEFAULT_TIMEZONE = 'UTC'

/** Comes with every installation that names no sweep itself: what nobody owns costs money until somebody looks. */
const STANDARD_SWEEP: ScheduleSpec = {
  ...SCHEDULE_DEFAULTS,
  name: 'sweep-orphans',
  expression: '@every 10m',
  timezone: DEFAULT_TIMEZONE,
  do: { sweep: {} },
  note: 'comes with Muster; a schedule of yours with the action sweep takes its place',
}

/** Comes with every installation that has a status page and schedules no report itself. */
const STANDARD_REPORT: ScheduleSpec = {
  ...SCHEDULE_DEFAULTS,
  name: 'report-status',
  expression: '@every 1m',
  timezone: DEFAULT_TIMEZONE,
  do: { report: {} },
  // One report covers the whole situation: those that were missed need not be made up for.
  catchUpMs: 60_000,
  note: 'comes with the section statuspage; a schedule of yours with the action report takes its place',
}

/** The schedules of a config with every default applied, and those that come with Muster; in order of name. */
export function toScheduleSpecs({
  schedules,
  timezone,
  statuspage,
}: Pick<MusterConfig, 'schedules' | 'timezone' | 'statuspage'>): ScheduleSpec[] {
  const own = Object.entries(schedules).map(([name, { cron, do: action, paused, note, ...rest }]) => ({
    name,
    expression: cron,
    timezone: rest.timezone ?? timezone,
    dialect: rest.dialect ?? SCHEDULE_DEFAULTS.dialect,
    do: action,
    overlap: rest.overlap ?? SCHEDULE_DEFAULTS.overlap,
    catchUpMs: rest.catchUp ?? SCHEDULE_DEFAULTS.catchUpMs,
    jitterMs: rest.jitter ?? SCHEDULE_DEFAULTS.jitterMs,
    ...(paused !== undefined && { paused }),
    ...(note !== undefined && { note }),
  }))
  const standard = statuspage === undefined ? [STANDARD_SWEEP] : [STANDARD_SWEEP, STANDARD_REPORT]
  const added = standard.filter((one) => {
    const { kind } = openAction(one.do)
    return own.every(({ name, do: action }) => openAction(action).kind !== kind && name !== one.name)
  })
  return [...own, ...added].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
