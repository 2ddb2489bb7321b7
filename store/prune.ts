import { sql } from 'kysely'
import type { Database } from './database.ts'

/** Of each table in one go: a transaction of a few milliseconds, while others write. */
const BATCH = 1_000

/**
 * Deletes what is no longer needed: lines of journal and audit, evidence, commands, closed holds, incidents of the
 * status page and retired hosts that are older, and specs that no host and no fleet refers to, not even to roll back
 * to. The lines of an attempt that is still running are kept, however old it is. Data that decisions are based on is
 * pruned by the modules that use it (`boot_outcomes`, `pulses`, `address_claims`).
 *
 * @param before ms since 1970, by the wall clock of those who wrote
 * @returns how many rows are gone; 0: nothing that old is left
 */
export async function prune({ write }: Database, before: number): Promise<number> {
  const gone: number[] = []
  for (const statement of [journal, audit, evidence, commands, holds, incidents, hosts, specs]) {
    gone.push(
      await write(async (trx) => Number((await statement(before).execute(trx)).numAffectedRows ?? 0n)),
    )
  }
  return gone.reduce((sum, count) => sum + count, 0)
}

const journal = (before: number) => sql`
  delete from host_events where id in (
    select id from host_events as line
    where recorded_at < ${before} and not exists (
      select 1 from hosts
      where hosts.host = line.host and hosts.generation = line.generation
        and hosts.attempt = line.attempt and hosts.phase <> 'retired'
    )
    order by recorded_at limit ${BATCH}
  )`

const audit = (before: number) => sql`
  delete from audit where id in (select id from audit where at < ${before} order by at limit ${BATCH})`

const evidence = (before: number) => sql`
  delete from evidence where (host, generation, attempt, kind) in (
    select host, generation, attempt, kind from evidence
    where taken_at < ${before} order by taken_at limit ${BATCH}
  )`

const commands = (before: number) => sql`
  delete from commands where (host, generation, attempt, n) in (
    select host, generation, attempt, n from commands
    where created_at < ${before} order by created_at limit ${BATCH}
  )`

/** One that is open stays. */
const holds = (before: number) => sql`
  delete from holds where id in (select id from holds where closed_at < ${before} limit ${BATCH})`

/** One that is not over stays. */
const incidents = (before: number) => sql`
  delete from incidents where (page_id, subject) in (
    select page_id, subject from incidents where resolved_at < ${before} limit ${BATCH}
  )`

/** After its own lines: the row shows whether their attempt is still running. */
const hosts = (before: number) => sql`
  delete from hosts where host in (
    select host from hosts where phase = 'retired' and updated_at < ${before} limit ${BATCH}
  )`

/**
 * Their age counts from the last time they were applied: a fleet that is about to receive one does not refer to it yet.
 */
const specs = (before: number) => sql`
  delete from specs where hash in (
    select hash from specs
    where created_at < ${before}
      and not exists (select 1 from hosts where hosts.spec_hash = specs.hash)
      and not exists (
        select 1 from fleets
        where fleets.spec_hash = specs.hash or fleets.status like '%"previousSpecHash":"' || specs.hash || '"%'
      )
    order by created_at limit ${BATCH}
  )`
