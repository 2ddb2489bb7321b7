import { explain, translateCron } from '../cron/index.ts'
import { zoneOf } from '../cron/zone.ts'
import { MusterError } from '../errors.ts'
import { fleetOfAction, openAction } from '../schedules/actions.ts'
import { SCHEDULE_DEFAULTS } from '../schedules/types.ts'
import type { Pieces } from './pieces.ts'
import type { Finding, Path } from './problem.ts'
import type { ScheduleSettings } from './schedule-schema.ts'
import { DEFAULT_TIMEZONE } from './to-schedule-specs.ts'
import { unknownFleet } from './unknown-fleet.ts'

/** Expressions that schedules can be made of, zones that exist, fleets that are in the file. */
export function scheduleRules(pieces: Pieces): Finding[] {
  const { schedules, timezone, raw } = pieces
  const zone = timezone === undefined ? [] : zoneFinding(timezone, ['timezone'])
  const findings = Object.entries(schedules).flatMap(([name, schedule]) => {
    const path = ['schedules', name]
    return [
      ...cronFindings(schedule, timezone, path),
      ...fleetFindings(schedule, pieces, path),
      ...reportFindings(schedule, raw, path),
    ]
  })
  return [...zone, ...findings]
}

function cronFindings(schedule: ScheduleSettings, common: string | undefined, path: Path): Finding[] {
  const { cron, dialect = SCHEDULE_DEFAULTS.dialect } = schedule
  const { problems } = explain(cron, { dialect })
  const wrong = problems.map((message) => ({ path: [...path, 'cron'], message }))
  if (wrong.length > 0) return wrong
  if (schedule.timezone !== undefined) {
    const zone = zoneFinding(schedule.timezone, [...path, 'timezone'])
    if (zone.length > 0) return zone
  }
  const timezone = schedule.timezone ?? common ?? DEFAULT_TIMEZONE
  // A wrong zone of the file is reported once, where it is.
  if (zoneFinding(timezone, []).length > 0) return []
  return refusal(() => translateCron(cron, { timezone, dialect }), [...path, 'cron'])
}

const zoneFinding = (timezone: string, path: Path): Finding[] => refusal(() => zoneOf(timezone), path)

function refusal(attempt: () => unknown, path: Path): Finding[] {
  try {
    attempt()
    return []
  } catch (error) {
    if (error instanceof MusterError && error.code === 'bad_request') {
      return [{ path, message: error.message }]
    }
    throw error
  }
}

function fleetFindings({ do: action }: ScheduleSettings, pieces: Pieces, path: Path): Finding[] {
  const fleet = fleetOfAction(action)
  const message = fleet === undefined ? undefined : unknownFleet(pieces, fleet)
  return message === undefined ? [] : [{ path: [...path, 'do', openAction(action).kind, 'fleet'], message }]
}

/** Nobody could be told. */
function reportFindings(
  { do: action }: ScheduleSettings,
  raw: Record<string, unknown>,
  path: Path,
): Finding[] {
  if (openAction(action).kind !== 'report' || raw['statuspage'] !== undefined) return []
  const message = 'needs the section statuspage, which says what page is told; this file has none'
  return [{ path: [...path, 'do', 'report'], message }]
}
