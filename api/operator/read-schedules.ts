import type { z } from '@hono/zod-openapi'
import { nextTimes, translateCron } from '../../domain/cron/index.ts'
import { actionWords } from '../../domain/schedules/actions.ts'
import { scheduleId } from '../../domain/schedules/ids.ts'
import type { ActionInput } from '../../domain/schedules/types.ts'
import type { ApiDeps } from '../deps.ts'
import { readRuns } from '../temporal/schedule-runs.ts'
import { describeSchedule, scheduleNames, type ServerSchedule } from '../temporal/schedules.ts'
import type { scheduleView } from './schedule-schemas.ts'
import { temporalLink } from './views.ts'

export type ScheduleView = z.output<typeof scheduleView>

const NEXT = 5
/** Each run costs one question to the server. */
const RUNS = { list: 3, show: 10 }
const AT_ONCE = 8

/** Every schedule of this installation, in order of name, with its last runs: one question each, and one a run. */
export async function readSchedules(deps: ApiDeps): Promise<ScheduleView[]> {
  const names = await scheduleNames(deps.temporal, deps.controller)
  const views: ScheduleView[] = []
  for (let i = 0; i < names.length; i += AT_ONCE) {
    const some = names.slice(i, i + AT_ONCE).map((name) => read(deps, name, RUNS.list))
    // One that was deleted meanwhile is not there any more.
    views.push(...(await Promise.all(some)).filter((view) => view !== undefined))
  }
  return views
}

/** One schedule with its last runs; undefined when there is none. */
export const readSchedule = (deps: ApiDeps, name: string): Promise<ScheduleView | undefined> =>
  read(deps, name, RUNS.show)

async function read(deps: ApiDeps, name: string, runs: number): Promise<ScheduleView | undefined> {
  const schedule = await describeSchedule(deps.temporal, deps.controller, name)
  if (schedule === undefined) return undefined
  const last = await readRuns(deps.temporal, schedule, runs)
  return { ...viewOf(deps, schedule), runs: last.map((run) => viewRun(deps, run)) }
}

function viewOf(deps: ApiDeps, schedule: ServerSchedule): Omit<ScheduleView, 'runs'> {
  const { name, input, overlap, catchUpMs, jitterMs, isPaused, stateNote, counts } = schedule
  const { expression, timezone, dialect, anchor, note } = input
  const temporal = scheduleLink(deps, name)
  return {
    name,
    cron: expression,
    timezone,
    dialect,
    words: wordsOf(input),
    do: { ...input.do },
    does: actionWords(input.do),
    ...(note !== undefined && { note }),
    paused: isPaused,
    stateNote,
    overlap,
    catchUpMs,
    jitterMs,
    anchor,
    next: nextTimes(expression, { timezone, dialect, anchor, from: deps.clock(), count: NEXT }).map((time) =>
      time.toISOString(),
    ),
    counts,
    links: { ...(temporal !== undefined && { temporal }) },
  }
}

const wordsOf = ({ expression, timezone, dialect, anchor }: ActionInput): string =>
  translateCron(expression, { timezone, dialect, anchor }).describe

function viewRun(
  deps: ApiDeps,
  { workflowId, dueAt, startedAt, outcome, text }: Awaited<ReturnType<typeof readRuns>>[number],
): ScheduleView['runs'][number] {
  const link = temporalLink(deps, workflowId)
  return {
    workflowId,
    dueAt: dueAt.toISOString(),
    startedAt: startedAt.toISOString(),
    outcome,
    text,
    ...(link !== undefined && { link }),
  }
}

function scheduleLink({ temporalUiUrl, namespace, controller }: ApiDeps, name: string): string | undefined {
  if (temporalUiUrl === undefined) return undefined
  const base = temporalUiUrl.replace(/\/+$/, '')
  const id = encodeURIComponent(scheduleId(controller, name))
  return `${base}/namespaces/${encodeURIComponent(namespace)}/schedules/${id}`
}
