import { Context } from '@temporalio/activity'
import { begunOf } from '../../domain/status/begun.ts'
import { planComponents, type ComponentPlan } from '../../domain/status/components.ts'
import { conditionsOf } from '../../domain/status/conditions.ts'
import { planIncidents, type IncidentStep } from '../../domain/status/plan.ts'
import { NOTHING_REPORTED, reportSentence } from '../../domain/status/report.ts'
import type { ReportInput, ReportOutcome } from '../../domain/status/report.ts'
import { alarmOf, missingComponentAlarm } from './alarm.ts'
import { carryOutComponent, carryOutIncident, type ReportWork } from './carry-out.ts'
import { createStatuspageClient } from './client.ts'
import type { ReportActivityDeps, StatuspagePart } from './deps.ts'
import { lookAgain, refusedFailure, tryAgain } from './failure.ts'
import { ownIncidents } from './mark.ts'
import { readSituation } from './situation.ts'
import { StatuspageError } from './statuspage-error.ts'

/** Shorter than the heartbeat timeout of the report's workflow by far. */
const BEAT_EVERY_MS = 5_000
const UNCLEAR_MS = 60_000
/** One may be about one incident alone; the second says that the page is away. */
const MAX_UNCLEAR = 2

/**
 * One report: looks at what is so and at what the page shows, and makes them agree. It may end anywhere and is begun
 * again from there.
 */
export async function reportStatus(deps: ReportActivityDeps, input: ReportInput): Promise<ReportOutcome> {
  const part = deps.statuspage
  if (part === undefined) {
    throw refusedFailure([
      "this worker's config has no section statuspage: start it with the config that was applied, or apply one without reports",
    ])
  }
  const beats = setInterval(() => Context.current().heartbeat(), BEAT_EVERY_MS)
  try {
    const outcome = await report(deps, part, input)
    deps.log.info({ ...outcome }, reportSentence(outcome))
    return outcome
  } catch (error) {
    throw shown(deps, part, error)
  } finally {
    clearInterval(beats)
  }
}

async function report(
  deps: ReportActivityDeps,
  part: StatuspagePart,
  input: ReportInput,
): Promise<ReportOutcome> {
  const work = await begin(deps, part, input)
  const { steps, components } = await planOf(work)
  const failures = createFailureCollector(deps, part)
  for (const step of steps) await failures.collect(() => carryOutIncident(work, step))
  for (const step of components.steps) await failures.collect(() => carryOutComponent(work, step))
  for (const one of components.missing) failures.alarm(missingComponentAlarm(one, part))
  const left = await deps.store.incidents.list(part.pageId)
  const open = left.filter(({ incidentId, dismissedAt }) => incidentId !== undefined && !dismissedAt).length
  const outcome = { ...work.outcome, open }
  failures.throwIfAny(outcome)
  const waits = steps.flatMap((step) => (step.kind === 'await' ? step.forMs : []))
  if (waits.length > 0) throw lookAgain(Math.max(...waits))
  return outcome
}

type Work = ReportWork & {
  page: Awaited<ReturnType<ReportWork['client']['unresolved']>>
  actual: Awaited<ReturnType<ReportWork['client']['components']>>
}

/** Both lists, each time: a key that was revoked is known before there is something to report. */
async function begin(deps: ReportActivityDeps, part: StatuspagePart, input: ReportInput): Promise<Work> {
  const client = createStatuspageClient(part)
  const page = await client.unresolved()
  const given = await deps.store.incidents.components(part.pageId)
  const isNeeded = Object.keys(part.components).length + given.size > 0
  const actual = isNeeded ? await client.components() : []
  return {
    deps,
    part,
    client,
    controller: input.controller,
    page,
    actual,
    components: new Set(actual.map(({ id }) => id)),
    unclearMs: part.unclearMs ?? UNCLEAR_MS,
    outcome: structuredClone(NOTHING_REPORTED),
  }
}

async function planOf(work: Work): Promise<{ steps: IncidentStep[]; components: ComponentPlan }> {
  const { deps, part, page, actual, controller } = work
  const { incidents } = deps.store
  const [known, given, situation] = await Promise.all([
    incidents.list(part.pageId),
    incidents.components(part.pageId),
    readSituation(deps),
  ])
  const own = ownIncidents(controller, page)
  const conditions = conditionsOf(situation, begunOf(known, own))
  const isTold = { hold: part.incidents.holds, freeze: part.incidents.freezes }
  return {
    steps: planIncidents({
      conditions: conditions.filter(({ kind }) => isTold[kind]),
      known,
      page: own,
      now: deps.clock(),
      unclearMs: work.unclearMs,
    }),
    components: planComponents({
      conditions,
      components: part.components,
      given,
      actual: new Map(actual.map(({ id, status }) => [id, status])),
    }),
  }
}

/** Collects what goes wrong, so that one incident that is refused keeps none of the others from being reported. */
function createFailureCollector(deps: ReportActivityDeps, part: StatuspagePart) {
  const alarms: string[] = []
  const unclear: StatuspageError[] = []
  const alarm = (text: string): void => {
    alarms.push(text)
    deps.log.warn({ pageId: part.pageId }, text)
  }
  return {
    alarm,
    async collect(work: () => Promise<void>): Promise<void> {
      Context.current().cancellationSignal.throwIfAborted()
      try {
        await work()
      } catch (error) {
        if (!(error instanceof StatuspageError)) throw error
        if (error.fault === 'refused' || error.fault === 'limited') throw error
        if (error.fault !== 'unclear') return alarm(alarmOf(error, part))
        unclear.push(error)
        if (unclear.length >= MAX_UNCLEAR) throw error
      }
    },
    throwIfAny(outcome: ReportOutcome): void {
      if (unclear[0]) throw unclear[0]
      if (alarms.length > 0) throw refusedFailure(alarms, outcome)
    },
  }
}

/** What Temporal gets to see. */
function shown({ log }: ReportActivityDeps, part: StatuspagePart, error: unknown): unknown {
  if (!(error instanceof StatuspageError)) return error
  if (error.fault === 'unclear' || error.fault === 'limited') {
    log.info({ pageId: part.pageId }, `${error.message}; tried again`)
    return tryAgain(error, Context.current().info.attempt, part.retryMs)
  }
  const alarm = alarmOf(error, part)
  log.warn({ pageId: part.pageId }, alarm)
  return refusedFailure([alarm])
}
