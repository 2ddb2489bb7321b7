import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { subjectText } from '../domain/breaker/hold.ts'
import { MusterError } from '../domain/errors.ts'
import type { AttemptKey } from '../domain/ids.ts'
import type { PlaceFailures } from '../domain/placement/weight.ts'
import { activeHolds } from './active-holds.ts'
import { noteAudit } from './audit.ts'
import { createCapacityStore } from './capacity.ts'
import type { HoldRow, HoldStore, LaunchFacts, LaunchQuestion } from './contract.ts'
import type { Database } from './database.ts'
import { NO_PROBE, holdOf } from './hold-row.ts'
import { pageLimit } from './limits.ts'
import { noteOutcome } from './note-outcome.ts'
import type { Schema } from './schema.ts'

export function createHoldStore(database: Database): HoldStore {
  const { db } = database
  return {
    active: (region, now) => activeHolds(db, region, now),

    async list({ includeClosed = false, limit }, now) {
      const rows = await db
        .selectFrom('holds')
        .selectAll()
        .$if(!includeClosed, (query) => query.where('closed_at', 'is', null))
        .orderBy('id', 'desc')
        .limit(pageLimit(limit))
        .execute()
      return rows.map((row) => holdOf(row, now))
    },

    noteOutcome: (outcome, rules, now) => noteOutcome(database, outcome, rules, now),

    planned: (question, choose, now) => planned(database, question, choose, now),

    async giveUpProbe(key) {
      const given = await db.updateTable('holds').set(NO_PROBE).where(isProbedBy(key)).executeTakeFirst()
      return given.numUpdatedRows > 0n
    },

    release: (id, asked, now) => release(database, id, asked, now),
  }
}

const isProbedBy = ({ host, generation, attempt }: AttemptKey) =>
  sql<boolean>`closed_at is null and probe_host = ${host} and probe_generation = ${generation} and probe_attempt = ${attempt}`

/** Where there is no hold, which is nearly always the case, callers do not wait for each other. */
async function planned<C extends { probes: number[] }>(
  database: Database,
  question: LaunchQuestion,
  choose: (facts: LaunchFacts) => C,
  now: number,
): Promise<C> {
  const facts = await launchFacts(database, question, now)
  if (facts.holds.length === 0) return choose(facts)
  return await database.write(async (trx) => {
    await database.backend.lock(trx, 'holds', question.region)
    const chosen = choose(await launchFacts({ ...database, db: trx }, question, now))
    const { key, probeUntil } = question
    await trx.updateTable('holds').set(NO_PROBE).where(isProbedBy(key)).execute()
    if (chosen.probes.length > 0) {
      const { host, generation, attempt } = key
      await trx
        .updateTable('holds')
        .set({
          probe_host: host,
          probe_generation: generation,
          probe_attempt: attempt,
          probe_until: probeUntil,
        })
        .where('id', 'in', chosen.probes)
        .execute()
    }
    return chosen
  })
}

async function launchFacts(database: Database, question: LaunchQuestion, now: number): Promise<LaunchFacts> {
  const { region, failuresSince } = question
  const capacity = createCapacityStore(database)
  // One after another: within a transaction there is one connection.
  const notes = await capacity.active(region, now)
  const holds = await activeHolds(database.db, region, now)
  if (failuresSince === undefined) return { notes, holds, recentFailures: [] }
  const strikes = await capacity.strikes(region, failuresSince)
  return { notes, holds, recentFailures: [...strikes, ...(await failedBoots(database.db, question))] }
}

async function failedBoots(
  db: Kysely<Schema>,
  { region, imageId, failuresSince = 0 }: LaunchQuestion,
): Promise<PlaceFailures[]> {
  return await db
    .selectFrom('boot_outcomes')
    .select(['zone', 'instance_type as instanceType', (row) => row.fn.countAll<number>().as('count')])
    .where('region', '=', region)
    .where('image_id', '=', imageId)
    .where('outcome', '=', 'failed')
    .where('at', '>', failuresSince)
    .groupBy(['zone', 'instance_type'])
    .orderBy('zone')
    .orderBy('instance_type')
    .execute()
}

async function release(
  { write }: Database,
  id: number,
  { by, why, requestId }: { by: string; why: string; requestId?: string },
  now: number,
): Promise<HoldRow> {
  return await write(async (trx) => {
    const closed = { closed_at: now, closed_by: by, closed_why: why, ...NO_PROBE }
    const row = await trx
      .updateTable('holds')
      .set(closed)
      .where('id', '=', id)
      .where('closed_at', 'is', null)
      .returningAll()
      .executeTakeFirst()
    if (row) {
      const what = `release hold on ${subjectText(holdOf(row, now))}`
      await noteAudit(trx, {
        at: now,
        who: by,
        what,
        target: `hold ${id}`,
        why,
        ...(requestId && { requestId }),
      })
      return holdOf(row, now)
    }
    const known = await trx.selectFrom('holds').selectAll().where('id', '=', id).executeTakeFirst()
    if (!known) throw new MusterError('not_found', `there is no hold ${id}; see muster holds`)
    throw new MusterError('conflict', `hold ${id} is closed already, by ${known.closed_by ?? 'somebody'}`)
  })
}
