import type { Selectable } from 'kysely'
import { holdState } from '../domain/breaker/hold.ts'
import { compact } from './compact.ts'
import type { HoldRow } from './contract.ts'
import type { Schema } from './schema.ts'

/** Nobody probes. */
export const NO_PROBE = {
  probe_host: null,
  probe_generation: null,
  probe_attempt: null,
  probe_until: null,
} as const

/** A hold as the rest of Muster knows it. */
export function holdOf(row: Selectable<Schema['holds']>, now: number): HoldRow {
  const { id, region, scope, reason, until } = row
  const { probe_host: host, probe_generation: generation, probe_attempt: attempt, probe_until } = row
  const probe =
    host !== null && generation !== null && attempt !== null && probe_until !== null
      ? { host, generation, attempt, until: probe_until }
      : undefined
  const state = row.closed_at === null ? holdState(probe ? { probe } : {}, now) : 'closed'
  return {
    id,
    region,
    scope,
    state,
    ...compact({ imageId: row.image_id, zone: row.zone, instanceType: row.instance_type, fleet: row.fleet }),
    reason,
    openedAt: row.opened_at,
    openedBy: row.opened_by ?? '',
    until,
    failedProbes: row.failed_probes ?? 0,
    ...(probe && { probe }),
    ...compact({ closedAt: row.closed_at, closedBy: row.closed_by, closedWhy: row.closed_why }),
  }
}
