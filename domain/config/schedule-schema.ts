import { z } from 'zod'
import { CRON_DIALECTS } from '../cron/index.ts'
import { FLEET_NAME } from '../ids.ts'
import type { ActionInputs, ActionKind, ScheduledAction } from '../schedules/actions.ts'
import { SCHEDULE_NAME } from '../schedules/ids.ts'
import { OVERLAPS, SCHEDULE_DEFAULTS } from '../schedules/types.ts'
import { MAX_FLEET_SIZE } from '../spec.ts'
import { duration, text, wholeNumber } from './fields.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

const fleet = text(FLEET_NAME, 'the name of a fleet').meta({ description: 'Name of a fleet of this file.' })

/** One entry a kind: the fields that stand below its key. */
const KINDS = {
  scale: z
    .strictObject({
      fleet,
      size: wholeNumber(0, MAX_FLEET_SIZE).meta({ description: 'How many hosts from then on.' }),
    })
    .meta({ description: 'Change the size of a fleet.' }),
  roll: z.strictObject({ fleet }).meta({ description: 'Replace the hosts of a fleet, a few at a time.' }),
  sweep: z.strictObject({}).meta({ description: 'Look for instances that nobody owns.' }),
  report: z.strictObject({}).meta({ description: 'Tell the status page how fleets are.' }),
} satisfies { [K in ActionKind]: z.ZodType<ActionInputs[K]> }

const ONE_KIND = `expected exactly one of ${Object.keys(KINDS).join(', ')}`

const action = z
  .strictObject({
    scale: KINDS.scale.optional(),
    roll: KINDS.roll.optional(),
    sweep: KINDS.sweep.optional(),
    report: KINDS.report.optional(),
  } satisfies { [K in ActionKind]: z.ZodType })
  .refine((given) => Object.values(given).filter((input) => input !== undefined).length === 1, {
    error: ONE_KIND,
    // A kind that is not known is reported as such, once.
    when: ({ issues }) => issues.length === 0,
  })
  .transform((given) => given as ScheduledAction)
  .meta({ description: 'What happens: one action with its fields.' })

/** IANA names and UTC; whether there is such a zone is a rule, with the words of the cron part. */
export const timezone = text(/^[A-Za-z][\w+/-]{0,59}$/, 'a time zone like Asia/Shanghai or UTC')

export const scheduleName = text(
  SCHEDULE_NAME,
  'a schedule name of 1 to 60 lower-case letters, digits and dashes, beginning with a letter',
)

export const scheduleSchema = z.strictObject({
  cron: text(/^.{0,1000}$/su, 'a cron expression').meta({
    description: 'Second minute hour day-of-month month day-of-week, or @daily, @every 90m … (docs/cron.md).',
  }),
  timezone: timezone
    .optional()
    .meta({ description: 'Whose clock the expression means; else the time zone of the file.' }),
  dialect: z
    .enum(CRON_DIALECTS as ['robfig-v1', 'standard'])
    .optional()
    .meta({
      description: 'robfig-v1 begins with the second, standard has five fields and begins with the minute.',
      default: SCHEDULE_DEFAULTS.dialect,
    }),
  do: action,
  overlap: z.enum(OVERLAPS).optional().meta({
    description: 'What happens when it is due while its last run goes on.',
    default: SCHEDULE_DEFAULTS.overlap,
  }),
  catchUp: duration({
    min: 10 * SECOND,
    max: 365 * DAY,
    description: 'How late a firing may come that was missed while Temporal was away.',
    default: '10m',
  }).optional(),
  jitter: duration({
    min: 0,
    max: DAY,
    description: 'Spreads firings: each comes up to this much later.',
    default: '0s',
  }).optional(),
  paused: z
    .boolean()
    .optional()
    .meta({ description: 'Whether it begins paused. Without it people alone pause and resume it.' }),
  note: text(/^[^\r\n]{1,200}$/, 'one line of at most 200 characters')
    .optional()
    .meta({ description: 'What it is for.' }),
})

/** What the file says of a schedule; durations in ms. */
export type ScheduleSettings = z.output<typeof scheduleSchema>
