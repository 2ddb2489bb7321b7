import { sql } from 'kysely'
import { attemptColumns } from './attempt.ts'
import type { BeatJson } from './backend.ts'
import type { HostStore } from './contract.ts'
import type { Database } from './database.ts'
import { cut } from './limits.ts'
import { storableText } from './storable.ts'

type Beats = Parameters<HostStore['setBeats']>[0]

const MAX_WORKLOAD = 200

/** One statement with one parameter, for any number of hosts. */
export async function setBeats({ write, backend }: Database, beats: Beats): Promise<void> {
  const newest = newestOfEach(beats)
  if (newest.length === 0) return
  const rows = backend.beatRows(JSON.stringify(newest))
  // Two API processes with hosts in common may lock each other's rows: one of them runs again.
  const update = sql`
    update hosts set last_beat_at = beat.at, workload = beat.workload, load = beat.load
    from (${rows}) as beat
    where hosts.host = beat.host and hosts.generation = beat.generation and hosts.attempt = beat.attempt
      and (hosts.last_beat_at is null or hosts.last_beat_at < beat.at)`
  await write((trx) => update.execute(trx))
}

/** With two rows for one host an UPDATE would take any of them. */
function newestOfEach(beats: Beats): BeatJson[] {
  const newest = new Map<string, BeatJson>()
  for (const { key, at, workload, load } of beats) {
    const name = `${key.host} ${key.generation} ${key.attempt}`
    if ((newest.get(name)?.at ?? -Infinity) >= at) continue
    newest.set(name, {
      ...attemptColumns(key),
      at,
      workload: storableText(cut(workload, MAX_WORKLOAD)),
      load,
    })
  }
  return [...newest.values()]
}
