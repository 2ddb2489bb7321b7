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

/** The schedules of a config with every default applied, and the standard sweep; in order of name. */
export function toScheduleSpecs({
  schedules,
  timezone,
}: Pick<MusterConfig, 'schedules' | 'timezone'>): ScheduleSpec[] {
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
  const isSwept = own.some(({ name, do: action }) => 'sweep' in action || name === STANDARD_SWEEP.name)
  return [...own, ...(isSwept ? [] : [STANDARD_SWEEP])].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
