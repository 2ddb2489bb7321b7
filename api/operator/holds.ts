import type { z } from '@hono/zod-openapi'
import { subjectText } from '../../domain/breaker/hold.ts'
import type { HoldRow } from '../../store/contract.ts'
import type { ApiDeps } from '../deps.ts'
import { askStore } from '../store-call.ts'
import type { Asker } from './actions.ts'
import type { holdView } from './hold-schemas.ts'

export type HoldView = z.output<typeof holdView>

/** The newest first. */
export async function readHolds(
  { store, clock }: ApiDeps,
  filter: { includeClosed?: boolean; limit?: number } = {},
): Promise<HoldView[]> {
  const rows = await askStore('list the holds', () => store.holds.list(filter, clock()))
  return rows.map(viewHold)
}

/** @throws MusterError `not_found`, `conflict` when it is closed already */
export async function releaseHold(
  { store, clock, log }: ApiDeps,
  id: number,
  why: string,
  { actor, requestId }: Asker,
): Promise<HoldView> {
  const asked = { by: actor.name, why, requestId }
  const row = await askStore('release the hold', () => store.holds.release(id, asked, clock()))
  log.info({ hold: id, by: actor.name, why }, `hold on ${subjectText(row)} released`)
  return viewHold(row)
}

function viewHold(row: HoldRow): HoldView {
  const { openedAt, until, probe, closedAt, ...same } = row
  return {
    ...same,
    subject: subjectText(row),
    openedAt: iso(openedAt),
    probeFrom: iso(until),
    ...(probe && { probe: { host: probe.host, attempt: probe.attempt, until: iso(probe.until) } }),
    ...(closedAt !== undefined && { closedAt: iso(closedAt) }),
  }
}

const iso = (atMs: number): string => new Date(atMs).toISOString()
