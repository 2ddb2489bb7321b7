import type { Kysely, Transaction } from 'kysely'
import { subjectOf, subjectText } from '../domain/breaker/hold.ts'
import type { Hold, HoldSubject } from '../domain/breaker/hold.ts'
import type { BreakerRules } from '../domain/breaker/rules.ts'
import { settle } from '../domain/breaker/settle.ts'
import type { BootOutcome, HoldChange, Streak } from '../domain/breaker/settle.ts'
import { streakOf } from '../domain/breaker/streak.ts'
import { clockText } from '../domain/durations.ts'
import { attemptColumns } from './attempt.ts'
import { noteAudit } from './audit.ts'
import type { HoldEffect } from './contract.ts'
import type { Database } from './database.ts'
import { activeHolds } from './active-holds.ts'
import { NO_PROBE } from './hold-row.ts'
import { cut } from './limits.ts'
import type { Schema } from './schema.ts'

/** Longer than any window (a day) and than an activity is tried again in an outage: what is forgotten could count twice. */
const KEPT_MS = 3 * 24 * 3_600_000
/** No rule asks for more failures in a row. */
const MOST_BOOTS = 1_000
const MAX_REASON = 1_000

/** One transaction: the outcome, once for each attempt, and what it does to the holds. */
export async function noteOutcome(
  { write, backend }: Database,
  outcome: BootOutcome,
  rules: BreakerRules,
  now: number,
): Promise<HoldEffect[]> {
  return await write(async (trx) => {
    await backend.lock(trx, 'holds', outcome.region)
    const before = await effectsOf(trx, outcome)
    if (before) return before
    await trx
      .deleteFrom('boot_outcomes')
      .where('at', '<', now - KEPT_MS)
      .execute()
    await insert(trx, outcome, now)
    const holds = await activeHolds(trx, outcome.region, now)
    const streaks = {
      placement: await streak(trx, 'placement', outcome, rules, now),
      image: await streak(trx, 'image', outcome, rules, now),
      fleet: await streak(trx, 'fleet', outcome, rules, now),
    }
    const effects: HoldEffect[] = []
    for (const change of settle({ outcome, holds, streaks, rules, now })) {
      effects.push(await carryOut(trx, change, outcome, now))
    }
    if (effects.length > 0) {
      const kept = { effects: JSON.stringify(effects) }
      await trx
        .updateTable('boot_outcomes')
        .set(kept)
        .where((where) => where.and(attemptColumns(outcome)))
        .execute()
    }
    return effects
  })
}

async function effectsOf(trx: Transaction<Schema>, outcome: BootOutcome): Promise<HoldEffect[] | undefined> {
  const row = await trx
    .selectFrom('boot_outcomes')
    .select('effects')
    .where((where) => where.and(attemptColumns(outcome)))
    .executeTakeFirst()
  return row && (JSON.parse(row.effects) as HoldEffect[])
}

async function insert(trx: Transaction<Schema>, outcome: BootOutcome, now: number): Promise<void> {
  const { region, imageId, zone, instanceType, fleet } = outcome
  await trx
    .insertInto('boot_outcomes')
    .values({
      ...attemptColumns(outcome),
      region,
      image_id: imageId,
      zone,
      instance_type: instanceType,
      fleet,
      outcome: outcome.outcome,
      launched_at: outcome.launchedAt,
      at: now,
      effects: '[]',
    })
    .execute()
}

/** A success ends every streak: nothing is to be counted then. */
async function streak(
  trx: Transaction<Schema>,
  scope: HoldSubject['scope'],
  outcome: BootOutcome,
  rules: BreakerRules,
  now: number,
): Promise<Streak> {
  if (outcome.outcome === 'ready' || !rules.enabled) return { failures: 0, places: 0 }
  const { region, imageId, zone, instanceType, fleet } = outcome
  const boots = await trx
    .selectFrom('boot_outcomes')
    .select(['at', 'launched_at as launchedAt', 'outcome', 'zone', 'instance_type as instanceType'])
    .where('region', '=', region)
    .where('at', '>', now - rules.windowMs)
    .$if(scope === 'fleet', (query) => query.where('fleet', '=', fleet))
    .$if(scope !== 'fleet', (query) => query.where('image_id', '=', imageId))
    .$if(scope === 'placement', (query) =>
      query.where('zone', '=', zone).where('instance_type', '=', instanceType),
    )
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(MOST_BOOTS)
    .execute()
  return streakOf(boots, Math.max(now - rules.windowMs, await lastClosed(trx, scope, outcome)))
}

/** When the last hold on the same was closed, ms; 0: never. */
async function lastClosed(
  db: Kysely<Schema>,
  scope: HoldSubject['scope'],
  outcome: BootOutcome,
): Promise<number> {
  const subject = subjectOf(scope, outcome)
  const columns = [
    ['image_id', subject.imageId],
    ['zone', subject.zone],
    ['instance_type', subject.instanceType],
    ['fleet', subject.fleet],
  ] as const
  let query = db
    .selectFrom('holds')
    .select((row) => row.fn.max('closed_at').as('at'))
    .where('region', '=', outcome.region)
    .where('scope', '=', scope)
    .where('closed_at', 'is not', null)
  for (const [column, value] of columns) if (value !== undefined) query = query.where(column, '=', value)
  const row = await query.executeTakeFirst()
  return row?.at ?? 0
}

async function carryOut(
  trx: Transaction<Schema>,
  change: HoldChange,
  outcome: BootOutcome,
  now: number,
): Promise<HoldEffect> {
  const { host, attempt, why } = outcome
  const cause = `${host} attempt ${attempt}`
  const id = await write(trx, change, outcome, cause, now)
  const text = effectText(id, change, now)
  const reason = change.kind === 'closed' ? `${cause} is ready` : `${cause}: ${why}`
  await noteAudit(trx, { at: now, who: 'muster', what: text, target: `hold ${id}`, why: reason })
  return { kind: change.kind, hold: id, text }
}

async function write(
  trx: Transaction<Schema>,
  change: HoldChange,
  outcome: BootOutcome,
  cause: string,
  now: number,
): Promise<number> {
  if (change.kind === 'opened') return await open(trx, change.hold, outcome, cause)
  const { hold } = change
  const columns =
    change.kind === 'closed'
      ? { closed_at: now, closed_by: cause, closed_why: 'a boot has succeeded' }
      : { until: hold.until, failed_probes: hold.failedProbes }
  await trx
    .updateTable('holds')
    .set({ ...columns, ...NO_PROBE })
    .where('id', '=', hold.id)
    .execute()
  return hold.id
}

async function open(
  trx: Transaction<Schema>,
  hold: Omit<Hold, 'id'>,
  { region }: BootOutcome,
  cause: string,
): Promise<number> {
  const row = await trx
    .insertInto('holds')
    .values({
      region,
      scope: hold.scope,
      image_id: hold.imageId ?? null,
      zone: hold.zone ?? null,
      instance_type: hold.instanceType ?? null,
      fleet: hold.fleet ?? null,
      reason: cut(hold.reason, MAX_REASON),
      opened_at: hold.openedAt,
      until: hold.until,
      failed_probes: 0,
      opened_by: cause,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

/** `opens hold 3 on image m-1, the first probe after 10:00: 10 boots …` */
function effectText(id: number, { kind, hold }: HoldChange, now: number): string {
  const what = `hold ${id} on ${subjectText(hold)}`
  if (kind === 'closed') return `closes ${what}`
  const pause = clockText(hold.until - now)
  if (kind === 'reopened') return `the probe of ${what} has failed, the next after ${pause}`
  return `opens ${what}, the first probe after ${pause}: ${hold.reason}`
}
