import { Context } from '@temporalio/activity'
import { mapConcurrently } from '../../domain/map-concurrently.ts'
import { MusterError } from '../../domain/errors.ts'
import { decideSweep, sweepLimit, wantedHosts } from '../../domain/sweep/decide.ts'
import { judgeResource } from '../../domain/sweep/judge-resource.ts'
import { sweepReport, sweepSentence } from '../../domain/sweep/report.ts'
import type {
  Claim,
  Decided,
  SweepDecision,
  SweepLine,
  SweepOrder,
  SweepQuestion,
  SweepReport,
  SweptResource,
} from '../../domain/sweep/types.ts'
import { TAGS } from '../../domain/tags.ts'
import { EcsError } from '../ecs/ecs-error.ts'
import { askClaims, askHost } from './ask-claims.ts'
import { carryOut } from './carry-out.ts'
import type { SweepCloud } from './carry-out.ts'
import type { SweepActivityDeps } from './deps.ts'
import { findMissing } from './find-missing.ts'
import { listCloud } from './list-cloud.ts'
import { tidy } from './tidy.ts'

/** Shorter than the heartbeat timeout of the sweep's workflow by far. */
const BEAT_EVERY_MS = 5_000

/** Resources that are being marked or deleted at the same time. */
const CONCURRENCY = 20

/**
 * One sweep. The cloud is listed first and the hosts are asked after it: what was launched in between is not on the
 * list. If anything could not be seen completely, the sweep ends before anything is changed.
 */
export async function sweepOrphans(
  deps: SweepActivityDeps,
  cloud: SweepCloud,
  input: SweepOrder,
): Promise<SweepReport> {
  const beats = setInterval(() => Context.current().heartbeat(), BEAT_EVERY_MS)
  try {
    // First: whatever the cloud or Temporal answer, the store does not grow for ever.
    if (!input.dryRun) await tidy(deps)
    return told(deps, await sweep(deps, cloud, input, deps.clock()))
  } finally {
    clearInterval(beats)
  }
}

async function sweep(
  deps: SweepActivityDeps,
  cloud: SweepCloud,
  input: SweepOrder,
  at: number,
): Promise<SweepReport> {
  const head = { at, dryRun: input.dryRun, policy: input.policy }
  let seen: Seen
  try {
    seen = await see(deps, cloud, input)
  } catch (error) {
    const abandoned = reasonOf(error)
    if (abandoned === undefined) throw error
    return sweepReport(
      { ...head, abandoned, missing: [], alarms: [`the sweep saw nothing: ${abandoned}`] },
      [],
    )
  }
  const { decision, missing } = seen
  const lines = await carryOutAll(deps, cloud, input, decision.decided)
  const refused = lines.filter(({ outcome }) => outcome === 'refused').map(refusedAlarm)
  const alarms = [...decision.alarms, ...refused, ...missing.map(missingAlarm)]
  return sweepReport({ ...head, missing, alarms }, lines)
}

interface Seen {
  decision: SweepDecision
  missing: SweepReport['missing']
}

async function see(deps: SweepActivityDeps, cloud: SweepCloud, input: SweepOrder): Promise<Seen> {
  const resources = await listCloud(cloud.ecs, input.controller, input.policy)
  const fleets = Object.fromEntries(
    (await deps.store.fleets.list()).map(({ name, desired }) => [name, desired]),
  )
  const listed = new Set(resources.map(({ id }) => id))
  const missing = await findMissing(deps, cloud.look, input, listed)
  // Of the hosts wanted: what the cloud lists is in doubt just now.
  const limit = sweepLimit(input.policy, wantedHosts(fleets))
  if (missing.length > limit) {
    const first = missing[0]
    throw new MusterError(
      'unavailable',
      `the cloud does not know the instances of ${missing.length} hosts (${first?.host}: ${first?.instanceId}), more than ${limit}: its list cannot be right`,
    )
  }
  const question: SweepQuestion = {
    resources,
    fleets,
    claims: await claimsOf(deps, input, resources),
    owner: input,
    policy: input.policy,
    now: deps.clock(),
  }
  return { decision: decideSweep(question), missing }
}

/** What the server keeps of every host that is named; where that proves nothing, the host's own word. */
async function claimsOf(
  { temporal, clock }: SweepActivityDeps,
  input: SweepOrder,
  resources: SweptResource[],
): Promise<Record<string, Claim>> {
  const asked = { owner: input, policy: input.policy, now: clock() }
  const open = resources.filter(
    (resource) => judgeResource(resource, { ...asked, claims: {} }).verdict === 'doubtful',
  )
  const claims = await askClaims(temporal, open.map(hostOf))
  const unproven = open.filter(
    (resource) => judgeResource(resource, { ...asked, claims }).verdict === 'doubtful',
  )
  for (const host of new Set(unproven.map(hostOf))) claims[host] = await askHost(temporal, host)
  return claims
}

const hostOf = ({ tags }: SweptResource): string => tags[TAGS.host] ?? ''

async function carryOutAll(
  deps: SweepActivityDeps,
  cloud: SweepCloud,
  input: SweepOrder,
  decided: Decided[],
): Promise<SweepLine[]> {
  const { cancellationSignal } = Context.current()
  return await mapConcurrently(decided, CONCURRENCY, async (one) => {
    cancellationSignal.throwIfAborted()
    return await carryOut(deps, cloud, input, one)
  })
}

/** What may happen outside of us; anything else is our own mistake and fails the activity. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof EcsError) return `the cloud's list is not whole: ${error.message}`
  return error instanceof MusterError && error.code === 'unavailable' ? error.message : undefined
}

const missingAlarm = ({ host, instanceId, phase }: SweepReport['missing'][number]): string =>
  `host ${host} is ${phase} on ${instanceId}, which the cloud does not know: it looks by itself within minutes; when it stays so, replace it`

const refusedAlarm = ({ kind, id, reason }: SweepLine): string =>
  `${kind} ${id}: ${reason}; the next sweep tries again`

function told({ log }: SweepActivityDeps, report: SweepReport): SweepReport {
  const fields = { marked: report.marked, deleted: report.deleted, alarms: report.alarms }
  const text = `sweep: ${sweepSentence(report)}`
  if (report.alarms.length > 0) log.warn(fields, text)
  else log.info(fields, text)
  return report
}
