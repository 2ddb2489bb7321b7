import type { History } from '@temporalio/common/lib/proto-utils.js'

/** RETRY_STATE_TIMEOUT of Temporal's API. */
const OUT_OF_TIME = 3

type Event = NonNullable<History['events']>[number]
type Payloads = { payloads?: { data?: Uint8Array | null }[] | null } | null | undefined

/** Types of the activities that a run has asked for, in order. */
export const askedIn = (history: History): string[] =>
  (history.events ?? []).flatMap((event) => activityOf(event) ?? [])

const activityOf = (event: Event): string | undefined =>
  event.activityTaskScheduledEventAttributes?.activityType?.name ?? undefined

/**
 * What came of a run, in words, in order: messages, the answers of activities, and timers by what they are for. Ends of
 * retries and numbers are left out: they differ from one recording to the next.
 */
export function storyOf(history: History): string[] {
  const names = new Map<string, string>()
  return (history.events ?? []).flatMap((event) => {
    const name = activityOf(event) ?? timerOf(event)
    if (name !== undefined) names.set(String(event.eventId), name)
    return chapter(event, (id) => names.get(String(id)) ?? '?') ?? []
  })
}

/** By its summary, up to the first number or mark: what follows is about this one run. */
function timerOf({ timerStartedEventAttributes, userMetadata }: Event): string | undefined {
  if (!timerStartedEventAttributes) return undefined
  const summary = /[a-z][\w -]*[a-z]/i.exec(text(userMetadata?.summary))?.[0] ?? 'of no summary'
  return `timer "${summary}"`
}

const chapter = (event: Event, name: (eventId: unknown) => string): string | undefined =>
  ofMessage(event) ?? ofActivity(event, name) ?? ofTimer(event, name) ?? ofEnd(event)

function ofMessage(event: Event): string | undefined {
  const signal = event.workflowExecutionSignaledEventAttributes
  if (signal) return `signal ${signal.signalName}`
  const update = event.workflowExecutionUpdateAcceptedEventAttributes
  return update ? `update ${update.acceptedRequest?.input?.name}` : undefined
}

function ofActivity(event: Event, name: (eventId: unknown) => string): string | undefined {
  const done = event.activityTaskCompletedEventAttributes
  if (done) return [name(done.scheduledEventId), ...answerOf(done.result)].join(' ')
  const failed = event.activityTaskFailedEventAttributes
  // Whether the time for all tries ends in a try or between two is chance.
  if (failed)
    return `${name(failed.scheduledEventId)} ${failed.retryState === OUT_OF_TIME ? 'timed out' : 'failed'}`
  const late = event.activityTaskTimedOutEventAttributes
  if (late) return `${name(late.scheduledEventId)} timed out`
  const cancelled = event.activityTaskCancelRequestedEventAttributes
  return cancelled ? `${name(cancelled.scheduledEventId)} given up` : undefined
}

function ofTimer(event: Event, name: (eventId: unknown) => string): string | undefined {
  const fired = event.timerFiredEventAttributes
  if (fired) return `${name(fired.startedEventId)} fired`
  const cancelled = event.timerCanceledEventAttributes
  return cancelled ? `${name(cancelled.startedEventId)} given up` : undefined
}

function ofEnd(event: Event): string | undefined {
  if (event.workflowExecutionCompletedEventAttributes) return 'completed'
  if (event.workflowExecutionFailedEventAttributes) return 'failed'
  if (event.workflowExecutionCanceledEventAttributes) return 'cancelled'
  return event.workflowExecutionContinuedAsNewEventAttributes ? 'goes on as a new run' : undefined
}

/** What tells one answer from another: its outcome, how many were found, whether some slots failed. */
function answerOf(result: Payloads): string[] {
  const data = text(result?.payloads?.[0])
  const answer = data === '' ? undefined : (JSON.parse(data) as Record<string, unknown> | unknown[] | null)
  if (!answer) return []
  if (Array.isArray(answer)) return [String(answer.length)]
  const { outcome, verdict, kind, failed, opened, resolved } = answer
  const words = [outcome, verdict, kind].filter((word) => typeof word === 'string')
  const lists = Object.entries({ failed, opened, resolved }).filter(([, list]) => isFilled(list))
  return [...words, ...lists.map(([name]) => name)]
}

const isFilled = (list: unknown): boolean => Array.isArray(list) && list.length > 0

const text = (payload: { data?: Uint8Array | null } | null | undefined): string =>
  Buffer.from(payload?.data ?? []).toString('utf8')
