import { nextTimes } from '../../domain/cron/index.ts'
import { MusterError } from '../../domain/errors.ts'
import type { Overlap } from '../../domain/schedules/types.ts'
import type { ApiDeps } from '../deps.ts'
import { reasonOf } from '../errors.ts'
import { askStore } from '../store-call.ts'
import { changeSchedule, type ScheduleChange } from '../temporal/change-schedule.ts'
import { describeSchedule, type ServerSchedule } from '../temporal/schedules.ts'
import type { Asker } from './actions.ts'

/** What a person asks of a schedule. Instants are ISO texts with a zone. */
export type ScheduleAction =
  | { kind: 'pause' | 'resume' | 'trigger'; why: string }
  | { kind: 'backfill'; why: string; from: string; to: string; overlap?: Overlap | undefined }

export interface ScheduleAnswer {
  name: string
  /** What was done, for people. */
  done: string
  /** Of a backfill: how many there are. */
  firings?: number
}

/** What the server buffers of one schedule; more would be dropped without a word. */
const MAX_FIRINGS = 1_000

/**
 * Pauses, resumes, triggers or backfills a schedule. The audit row is written first: nothing is done without one.
 *
 * @throws MusterError `not_found`, `bad_request` for a backfill of nothing or of more than the server keeps, `unavailable`
 */
export async function onSchedule(
  deps: ApiDeps,
  name: string,
  action: ScheduleAction,
  asker: Asker,
): Promise<ScheduleAnswer> {
  const { temporal, controller } = deps
  const schedule = await describeSchedule(temporal, controller, name)
  if (schedule === undefined) {
    throw new MusterError('not_found', `there is no schedule ${name}; see GET /v1/schedules`)
  }
  const { change, answer, words } = changeOf(schedule, action, asker.actor.name)
  const note = (what: string) => noteIn(deps, asker, { what, target: `schedule ${name}`, why: action.why })
  await askStore('keep the audit row', () => note(words))
  try {
    const requestId = `${action.kind}:${asker.idempotencyKey ?? asker.requestId}`
    await changeSchedule(temporal, { controller, name }, change, requestId)
  } catch (error) {
    if (error instanceof MusterError) {
      await note(`${action.kind} not done: ${error.code}`).catch((failure: unknown) =>
        deps.log.error({ name, reason: reasonOf(failure) }, 'an audit row could not be written'),
      )
    }
    throw error
  }
  return { name, ...answer }
}

async function noteIn(
  { store, clock }: ApiDeps,
  { actor, requestId }: Asker,
  row: { what: string; target: string; why: string },
): Promise<void> {
  await store.audit.add({ at: clock(), who: actor.name, requestId, ...row })
}

interface Planned {
  change: ScheduleChange
  answer: Omit<ScheduleAnswer, 'name'>
  /** For the audit. */
  words: string
}

function changeOf(schedule: ServerSchedule, action: ScheduleAction, who: string): Planned {
  const { kind, why } = action
  switch (kind) {
    case 'pause':
      return {
        change: { kind, note: `paused by ${who}: ${why}` },
        answer: { done: 'paused' },
        words: kind,
      }
    case 'resume':
      return {
        change: { kind, note: `resumed by ${who}: ${why}` },
        answer: { done: 'resumed' },
        words: kind,
      }
    case 'trigger':
      return { change: { kind }, answer: { done: 'triggered' }, words: kind }
    case 'backfill':
      return backfill(schedule, action)
  }
}

function backfill(
  { name, input }: ServerSchedule,
  { from, to, overlap = 'bufferAll' }: Extract<ScheduleAction, { kind: 'backfill' }>,
): Planned {
  const [first, last] = [Date.parse(from), Date.parse(to)]
  const { expression, timezone, dialect, anchor } = input
  const count = MAX_FIRINGS + 1
  const times = nextTimes(expression, { timezone, dialect, anchor, from: first - 1, count }).filter(
    (time) => time.getTime() <= last,
  )
  if (times.length === 0) {
    throw new MusterError('bad_request', `${name} has no firing from ${from} to ${to}: nothing to backfill`)
  }
  if (times.length > MAX_FIRINGS) {
    throw new MusterError(
      'bad_request',
      `${name} has more than ${MAX_FIRINGS} firings from ${from} to ${to}: backfill a shorter time`,
    )
  }
  return {
    change: { kind: 'backfill', from: first, to: last, overlap },
    answer: { done: 'backfilled', firings: times.length },
    words: `backfill from=${from} to=${to} overlap=${overlap}`,
  }
}
