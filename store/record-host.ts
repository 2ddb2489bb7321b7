import type { Transaction } from 'kysely'
import type { HostEvent, HostRecord } from '../domain/host/types.ts'
import { attemptColumns } from './attempt.ts'
import type { Database } from './database.ts'
import { isNews, toColumns, type PresentHost } from './host-row.ts'
import { cut } from './limits.ts'
import type { Schema } from './schema.ts'

const MAX_TEXT = 4_000
const MAX_DATA_BYTES = 16 * 1024

/** One transaction: the row, its address, the events. See the contract for what is kept when records come late. */
export async function recordHost({ write, backend }: Database, told: HostRecord, now: number) {
  const record = byWallClock(told, now)
  await write(async (trx) => {
    await backend.lock(trx, 'host', record.host)
    const present = await presentHost(trx, record.host)
    if (isNews(record, present, await isKnownGeneration(trx, record, present))) {
      await upsert(trx, record, present, now)
      if (takesAddress(record, present)) await takeAddress(trx, record)
    }
    if (record.events.length === 0) return
    // One writer at a time, to its commit: else a row could appear below a number that readers have passed.
    await backend.lock(trx, 'journal', '')
    await insertEvents(trx, record, now)
  })
}

/**
 * After a fast-forward a workflow's time runs ahead of the wall clock for good. Its instants are moved back by what it is
 * ahead, so that ages and countdowns of such a host are as true as of any other.
 */
function byWallClock(record: HostRecord, now: number): HostRecord {
  const aheadMs = record.at - now
  if (aheadMs <= 0) return record
  const moved = { ...record }
  for (const name of ['launchedAt', 'bootDeadline', 'waitUntil', 'readyAt', 'reclaimAt'] as const) {
    const instant = record[name]
    if (instant !== undefined) moved[name] = instant - aheadMs
  }
  return moved
}

async function presentHost(trx: Transaction<Schema>, host: string): Promise<PresentHost | undefined> {
  return trx
    .selectFrom('hosts')
    .select(['generation', 'attempt', 'phase', 'seq', 'phase_at', 'private_ip'])
    .where('host', '=', host)
    .executeTakeFirst()
}

async function isKnownGeneration(
  trx: Transaction<Schema>,
  { host, generation }: HostRecord,
  present: PresentHost | undefined,
): Promise<boolean> {
  if (!present || present.generation === generation) return true
  const known = await trx
    .selectFrom('host_events')
    .select('id')
    .where('host', '=', host)
    .where('generation', '=', generation)
    .limit(1)
    .executeTakeFirst()
  return known !== undefined
}

async function upsert(
  trx: Transaction<Schema>,
  record: HostRecord,
  present: PresentHost | undefined,
  now: number,
) {
  const { host, ...columns } = toColumns(record, present, now)
  await trx
    .insertInto('hosts')
    .values({ host, ...columns })
    .onConflict((conflict) => conflict.column('host').doUpdateSet(columns))
    .execute()
}

/**
 * Only the first record that names an address takes it. The cloud may give it to another instance before this one is
 * known to be gone, and a late record must not take it back. Only while it boots, when the cloud reports the address and a
 * client known by it may report: what an agent says of its address later must not take it from another host.
 */
function takesAddress(
  { privateIp, phase, ...record }: HostRecord,
  present: PresentHost | undefined,
): boolean {
  if (privateIp === undefined || phase !== 'booting') return false
  const isSameAttempt = present?.generation === record.generation && present.attempt === record.attempt
  return !isSameAttempt || present.private_ip !== privateIp
}

async function takeAddress(trx: Transaction<Schema>, record: HostRecord) {
  const key = attemptColumns(record)
  await trx
    .deleteFrom('addresses')
    .where((where) => where.and(key))
    .execute()
  await trx
    .insertInto('addresses')
    .values({ private_ip: record.privateIp ?? '', ...key })
    .onConflict((conflict) => conflict.column('private_ip').doUpdateSet(key))
    .execute()
}

async function insertEvents(
  trx: Transaction<Schema>,
  { host, generation, fleet, events }: HostRecord,
  now: number,
) {
  await trx
    .insertInto('host_events')
    .values(
      events.map(({ seq, at, kind, attempt, text, data }) => ({
        host,
        generation,
        fleet,
        seq,
        at,
        kind,
        attempt,
        text: cut(text, MAX_TEXT),
        data: dataText(data),
        recorded_at: Math.min(at, now),
      })),
    )
    .onConflict((conflict) => conflict.columns(['host', 'generation', 'seq']).doNothing())
    .execute()
}

/** The journal must never keep a host from its work, so what is too large is left out, and that is said. */
function dataText(data: HostEvent['data']): string | null {
  if (data === undefined) return null
  const text = JSON.stringify(data)
  const bytes = Buffer.byteLength(text)
  return bytes <= MAX_DATA_BYTES ? text : JSON.stringify({ leftOut: `${bytes} bytes` })
}
