import type { ExpressionBuilder, Kysely, Selectable } from 'kysely'
import type { KnownIncident } from '../domain/status/types.ts'
import { noteAudit } from './audit.ts'
import { compact } from './compact.ts'
import type { Database } from './database.ts'
import type { IncidentStore, NewIncident, OpenedIncident } from './incident-contract.ts'
import { createPageComponents } from './page-components.ts'
import type { Schema } from './schema.ts'

export function createIncidentStore(database: Database): IncidentStore {
  const { db, write } = database
  const update = (pageId: string, subject: string) =>
    db.updateTable('incidents').where('page_id', '=', pageId).where('subject', '=', subject)
  return {
    async list(pageId) {
      const rows = await db
        .selectFrom('incidents')
        .selectAll()
        .where('page_id', '=', pageId)
        .where('resolved_at', 'is', null)
        .orderBy('since')
        .orderBy('subject')
        .execute()
      return rows.map(knownOf)
    },
    attempt: (pageId, incident, now, unclearMs) => attempt(db, pageId, incident, now, unclearMs),
    async refused(pageId, subject) {
      await update(pageId, subject).set({ attempted_at: null }).where('incident_id', 'is', null).execute()
    },
    opened: (pageId, incident, now) => opened(database, pageId, incident, now),
    async updated(pageId, subject, body) {
      await update(pageId, subject).set({ body }).execute()
    },
    dismissed: (pageId, subject, now) =>
      write((trx) =>
        end(trx, { pageId, subject, now }, { dismissed_at: now }, 'leaves what a person ended, incident'),
      ),
    over: (pageId, subject, now) =>
      write((trx) => end(trx, { pageId, subject, now }, { resolved_at: now }, 'resolves incident')),
    ...createPageComponents(database),
  }
}

function knownOf(row: Selectable<Schema['incidents']>): KnownIncident {
  const { subject, kind, about, since, body } = row
  return {
    subject,
    kind,
    about,
    since,
    body,
    ...compact({
      incidentId: row.incident_id,
      attemptedAt: row.attempted_at,
      dismissedAt: row.dismissed_at,
    }),
  }
}

/** Not on the page, or over: it may begin. */
const isFree = (row: ExpressionBuilder<Schema, 'incidents'>) =>
  row.or([row('incidents.incident_id', 'is', null), row('incidents.resolved_at', 'is not', null)])

/** Nobody has asked for it who may still get an answer. */
const isUnasked = (row: ExpressionBuilder<Schema, 'incidents'>, askedBefore: number) =>
  row.or([row('incidents.attempted_at', 'is', null), row('incidents.attempted_at', '<=', askedBefore)])

async function attempt(
  db: Kysely<Schema>,
  pageId: string,
  incident: NewIncident,
  now: number,
  unclearMs = 0,
): Promise<boolean> {
  const { subject, kind, about, since, name, body } = incident
  const begun = { attempted_at: now, name, body }
  const anew = { incident_id: null, opened_at: null, dismissed_at: null, resolved_at: null }
  const { numInsertedOrUpdatedRows = 0n } = await db
    .insertInto('incidents')
    .values({ page_id: pageId, subject, kind, about, since, ...begun })
    .onConflict((conflict) =>
      conflict
        .columns(['page_id', 'subject'])
        .doUpdateSet({ ...begun, ...anew })
        .where((row) => row.and([isFree(row), isUnasked(row, now - unclearMs)])),
    )
    .executeTakeFirst()
  return numInsertedOrUpdatedRows > 0n
}

async function opened(
  { write }: Database,
  pageId: string,
  incident: OpenedIncident,
  now: number,
): Promise<void> {
  const { subject, kind, about, since, name, body, incidentId } = incident
  const there = { incident_id: incidentId, attempted_at: null, opened_at: now, name, body }
  await write(async (trx) => {
    const { numInsertedOrUpdatedRows = 0n } = await trx
      .insertInto('incidents')
      .values({ page_id: pageId, subject, kind, about, since, ...there })
      .onConflict((conflict) =>
        conflict
          .columns(['page_id', 'subject'])
          .doUpdateSet({ ...there, dismissed_at: null, resolved_at: null })
          .where(isFree),
      )
      .executeTakeFirst()
    if (numInsertedOrUpdatedRows > 0n)
      await tell(trx, { about, name, what: `opens incident ${incidentId}`, now })
  })
}

async function end(
  trx: Kysely<Schema>,
  { pageId, subject, now }: { pageId: string; subject: string; now: number },
  change: { dismissed_at: number } | { resolved_at: number },
  what: string,
): Promise<void> {
  const [column = 'resolved_at'] = Object.keys(change) as ('dismissed_at' | 'resolved_at')[]
  const row = await trx
    .updateTable('incidents')
    .set({ ...change, attempted_at: null })
    .where('page_id', '=', pageId)
    .where('subject', '=', subject)
    .where(column, 'is', null)
    .returning(['about', 'name', 'incident_id', 'dismissed_at'])
    .executeTakeFirst()
  // What never stood there, or was ended by a person, is no news.
  if (!row?.incident_id || (column === 'resolved_at' && row.dismissed_at !== null)) return
  await tell(trx, { about: row.about, name: row.name, what: `${what} ${row.incident_id}`, now })
}

const tell = (
  trx: Kysely<Schema>,
  { about, name, what, now }: { about: string; name: string; what: string; now: number },
): Promise<void> =>
  noteAudit(trx, {
    at: now,
    who: 'report',
    what,
    target: targetOf(about),
    why: `on the status page: ${name}`,
  })

/** As everything else about it is found in the audit. */
function targetOf(about: string): string {
  const [kind, name] = about.split('/')
  return kind === 'freeze' ? `fleet ${name}` : `hold ${name}`
}
