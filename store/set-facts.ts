import { sql } from 'kysely'
import { attemptColumns } from './attempt.ts'
import type { FactsJson } from './backend.ts'
import type { HostStore } from './contract.ts'
import type { Database } from './database.ts'
import { jsonWithin } from './limits.ts'
import { storableText } from './storable.ts'

const MAX_FACTS_BYTES = 16 * 1024

/** One statement with one parameter, for any number of hosts: a fleet that boots reports its facts within a second. */
export async function setFacts(
  { write, backend }: Database,
  told: Parameters<HostStore['setFacts']>[0],
  now: number,
): Promise<void> {
  if (told.length === 0) return
  const rows = backend.factsRows(JSON.stringify(lastOfEach(told)))
  const update = sql`
    update hosts set facts = told.facts, updated_at = ${now}
    from (${rows}) as told
    where hosts.host = told.host and hosts.generation = told.generation and hosts.attempt = told.attempt`
  await write((trx) => update.execute(trx))
}

/** With two rows for one host an UPDATE would take any of them. */
function lastOfEach(told: Parameters<HostStore['setFacts']>[0]): FactsJson[] {
  const last = new Map<string, FactsJson>()
  for (const { key, facts } of told) {
    const text = jsonWithin(facts, MAX_FACTS_BYTES, `the facts of ${key.host}`)
    last.set(`${key.host} ${key.generation} ${key.attempt}`, {
      ...attemptColumns(key),
      facts: storableText(text),
    })
  }
  return [...last.values()]
}
