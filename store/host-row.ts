import type { HostRecord } from '../domain/host/types.ts'
import type { HostFacts } from '../domain/wire.ts'
import { compact } from './compact.ts'
import type { HostRow } from './contract.ts'
import type { HostsTable } from './schema.ts'
import { cut } from './limits.ts'

const MAX_REASON = 2_000

/** What is known of the host already, as far as the next record depends on it. */
export type PresentHost = Pick<
  HostsTable,
  'generation' | 'attempt' | 'phase' | 'seq' | 'phase_at' | 'private_ip'
>

/**
 * True when a record is the news. An activity may be retried long after its workflow has gone on: a lower seq of the
 * same generation is old, and so is a generation that the journal knows but the row has left behind.
 */
export function isNews(record: HostRecord, present: PresentHost | undefined, isKnownGeneration: boolean) {
  if (!present) return true
  return present.generation === record.generation ? record.seq >= present.seq : !isKnownGeneration
}

/** The row that a record makes. What the agent reported (facts, beats) belongs to an attempt and goes with it. */
export function toColumns(record: HostRecord, present: PresentHost | undefined, now: number) {
  const isSameAttempt = present?.generation === record.generation && present.attempt === record.attempt
  const phaseAt = isSameAttempt && present.phase === record.phase ? present.phase_at : now
  return {
    host: record.host,
    generation: record.generation,
    attempt: record.attempt,
    fleet: record.fleet,
    slot: record.slot,
    phase: record.phase,
    seq: record.seq,
    spec_hash: record.specHash,
    image_id: record.imageId,
    region: record.region,
    ...toPlace(record),
    liveness: record.liveness,
    reason: cut(record.reason, MAX_REASON),
    ...toInstants(record),
    wish: record.wish ?? null,
    failure: record.failure ?? null,
    phase_at: phaseAt,
    updated_at: now,
    ...(!isSameAttempt && NOTHING_TOLD),
  } satisfies Partial<HostsTable>
}

const NOTHING_TOLD = { facts: null, last_beat_at: null, workload: null, load: null, clock_skew_ms: null }

function toPlace(record: HostRecord) {
  return {
    zone: record.zone ?? null,
    instance_type: record.instanceType ?? null,
    instance_id: record.instanceId ?? null,
    private_ip: record.privateIp ?? null,
    mac: record.mac ?? null,
    key_id: record.keyId ?? null,
  }
}

function toInstants(record: HostRecord) {
  return {
    launched_at: record.launchedAt ?? null,
    boot_deadline: record.bootDeadline ?? null,
    wait_until: record.waitUntil ?? null,
    ready_at: record.readyAt ?? null,
    reclaim_at: record.reclaimAt ?? null,
  }
}

export function fromColumns(row: HostsTable): HostRow {
  const { facts, ...rest } = compact({
    host: row.host,
    generation: row.generation,
    attempt: row.attempt,
    fleet: row.fleet,
    slot: row.slot,
    phase: row.phase,
    seq: row.seq,
    specHash: row.spec_hash,
    imageId: row.image_id,
    region: row.region,
    zone: row.zone,
    instanceType: row.instance_type,
    instanceId: row.instance_id,
    privateIp: row.private_ip,
    mac: row.mac,
    keyId: row.key_id,
    liveness: row.liveness,
    reason: row.reason,
    launchedAt: row.launched_at,
    bootDeadline: row.boot_deadline,
    waitUntil: row.wait_until,
    readyAt: row.ready_at,
    reclaimAt: row.reclaim_at,
    wish: row.wish,
    failure: row.failure,
    phaseAt: row.phase_at,
    updatedAt: row.updated_at,
    facts: row.facts,
    lastBeatAt: row.last_beat_at,
    workload: row.workload,
    load: row.load,
    clockSkewMs: row.clock_skew_ms,
  })
  return { ...rest, ...(facts !== undefined && { facts: JSON.parse(facts) as HostFacts }) }
}
