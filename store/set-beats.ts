import { sql } from 'kysely'
import type { AttemptKey } from '../domain/ids.ts'
import { attemptColumns } from './attempt.ts'
import type { BeatJson } from './backend.ts'
import type { Database } from './database.ts'
import { cut } from './limits.ts'
import { storableText } from './storable.ts'

/** What an agent reports with each beat. */
export interface HostBeat {
  key: AttemptKey
  at: number
  workload: string
  load: number
  /** What the host's clock is ahead of the API's, ms; behind: negative. */
  clockSkewMs?: number
}

/** What is kept of the beats of the present attempt. */
export interface LastBeat {
  lastBeatAt?: number
  workload?: string
  load?: number
  /** As reported, but for changes of five seconds or less. */
  clockSkewMs?: number
}

const MAX_WORKLOAD = 200
/** The way of a beat counts into the skew of its host's clock: smaller changes than this are of the way. */
const SKEW_STEP_MS = 5_000

/** One statement with one parameter, for any number of hosts. */
export async function setBeats({ write, backend }: Database, beats: readonly HostBeat[]): Promise<void> {
  const newest = newestOfEach(beats)
  if (newest.length === 0) return
  const rows = backend.beatRows(JSON.stringify(newest))
  // Two API processes with hosts in common may lock each other's rows: one of them runs again.
  const update = sql`
    update hosts set last_beat_at = beat.at, workload = beat.workload, load = beat.load,
      clock_skew_ms = case
        when beat.skew is null or abs(hosts.clock_skew_ms - beat.skew) <= ${sql.lit(SKEW_STEP_MS)} then hosts.clock_skew_ms
        else beat.skew end
    from (${rows}) as beat
    where hosts.host = beat.host and hosts.generation = beat.generation and hosts.attempt = beat.attempt
      and (hosts.last_beat_at is null or hosts.last_beat_at < beat.at)`
  await write((trx) => update.execute(trx))
}

/** With two rows for one host an UPDATE would take any of them. */
function newestOfEach(beats: readonly HostBeat[]): BeatJson[] {
  const newest = new Map<string, BeatJson>()
  for (const { key, at, workload, load, clockSkewMs } of beats) {
    const name = `${key.host} ${key.generation} ${key.attempt}`
    if ((newest.get(name)?.at ?? -Infinity) >= at) continue
    newest.set(name, {
      ...attemptColumns(key),
      at,
      workload: storableText(cut(workload, MAX_WORKLOAD)),
      load,
      skew: clockSkewMs ?? null,
    })
  }
  return [...newest.values()]
}
