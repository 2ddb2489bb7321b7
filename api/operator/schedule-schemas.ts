import { z } from '@hono/zod-openapi'
import { SCHEDULE_NAME } from '../../domain/schedules/ids.ts'
import { OVERLAPS } from '../../domain/schedules/types.ts'

const instant = z.iso.datetime().openapi({ example: '2026-11-23T19:00:00.000Z' })
const count = z.int().min(0)
const why = z.string().trim().min(1).max(500).openapi({ example: 'no shift on the holiday' })

export const scheduleName = z
  .string()
  .regex(SCHEDULE_NAME, 'expected a schedule name: lower-case letters, digits, dashes')
  .openapi({ example: 'evening' })

export const scheduleParams = z.object({ name: scheduleName })

const run = z
  .strictObject({
    workflowId: z.string(),
    /** When it was due, and when it began. */
    dueAt: instant,
    startedAt: instant,
    outcome: z.enum(['ok', 'failed', 'running', 'unknown']),
    /** What was done, or why it failed. */
    text: z.string(),
    link: z.string().optional(),
  })
  .openapi('ScheduleRun')

export const scheduleView = z
  .strictObject({
    name: z.string(),
    /** As written in the config. */
    cron: z.string(),
    timezone: z.string(),
    dialect: z.string(),
    /** `every day at 20:00:00 Asia/Shanghai` */
    words: z.string(),
    do: z.record(z.string(), z.unknown()),
    /** `scale fleet render to 40 hosts` */
    does: z.string(),
    note: z.string().optional(),
    paused: z.boolean(),
    /** The last word on its state: who paused it and why. */
    stateNote: z.string(),
    overlap: z.enum(OVERLAPS),
    catchUpMs: count,
    jitterMs: count,
    /** Where `@every` counts from. */
    anchor: z.string(),
    /** The next five times; a paused schedule skips them. Jitter is not in them. */
    next: z.array(instant),
    /** Newest first. */
    runs: z.array(run),
    /** Firings since it was made: begun, skipped because the last one went on, too late to catch up. */
    counts: z.strictObject({ taken: count, skipped: count, missed: count }),
    links: z.strictObject({ temporal: z.string().optional() }),
  })
  .openapi('Schedule')

export const schedulesAnswer = z.strictObject({ schedules: z.array(scheduleView) }).openapi('Schedules')

export const scheduleWhyBody = z.strictObject({ why }).openapi('ScheduleWhy')

export const backfillBody = z
  .strictObject({
    why,
    /** Firings from here on, up to `to`, both included. */
    from: z.iso.datetime({ offset: true }).openapi({ example: '2026-11-23T19:00:00Z' }),
    to: z.iso.datetime({ offset: true }).openapi({ example: '2026-11-23T20:00:00Z' }),
    overlap: z.enum(OVERLAPS).optional(),
  })
  .openapi('Backfill')

export const scheduleAnswer = z
  .strictObject({ name: z.string(), done: z.string(), firings: count.optional() })
  .openapi('ScheduleAnswer')
