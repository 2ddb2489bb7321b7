import type { z } from '@hono/zod-openapi'
import { hostWorkflowId, fleetWorkflowId } from '../../domain/ids.ts'
import type { HostPhase } from '../../domain/host/types.ts'
import type { FleetStatus } from '../../domain/fleet/types.ts'
import type { HostSpec } from '../../domain/spec.ts'
import type { EvidenceRow, FleetRow, HostRow, JournalRow } from '../../store/contract.ts'
import type { ApiDeps } from '../deps.ts'
import type { Actor } from './actor.ts'
import type { evidenceAnswer, fleetView, hostView, journalAnswer } from './schemas.ts'

export type FleetView = z.output<typeof fleetView>
export type HostView = z.output<typeof hostView>
type JournalEvent = z.output<typeof journalAnswer>['events'][number]
type EvidenceEntry = z.output<typeof evidenceAnswer>['evidence'][number]

type LinkBase = Pick<ApiDeps, 'temporalUiUrl' | 'namespace'>

/** Page of a workflow in the Temporal UI; undefined where no UI is known. */
export function temporalLink({ temporalUiUrl, namespace }: LinkBase, workflowId: string): string | undefined {
  if (temporalUiUrl === undefined) return undefined
  const base = temporalUiUrl.replace(/\/+$/, '')
  return `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`
}

export function viewFleet(
  base: LinkBase,
  row: FleetRow,
  phases: Partial<Record<HostPhase, number>>,
): FleetView {
  const { name, desired, paused, specHash, note, status } = row
  const temporal = temporalLink(base, fleetWorkflowId(name))
  return {
    name,
    desired,
    actual: Object.values(phases).reduce((sum, count) => sum + count, 0),
    paused,
    specHash,
    note,
    phases,
    ...(status && viewStatus(status)),
    updatedAt: iso(row.updatedAt),
    links: { ...(temporal === undefined ? {} : { temporal }), dashboard: `/fleets/${name}` },
  }
}

function viewStatus({ rollout, frozen, override }: FleetStatus) {
  return {
    ...(rollout && {
      rollout: {
        state: rollout.state,
        specHash: rollout.specHash,
        left: rollout.left,
        by: rollout.by,
        why: rollout.why,
        startedAt: iso(rollout.startedAt),
        ...(rollout.reason !== undefined && { reason: rollout.reason }),
      },
    }),
    ...(frozen && {
      frozen: {
        since: iso(frozen.since),
        silent: frozen.silent,
        of: frozen.of,
        ...(override && { overriddenUntil: iso(override.until), overriddenBy: override.by }),
      },
    }),
  }
}

/** Environments of workloads hold passwords all too often: who may only look sees their names. */
export function viewSpec(spec: HostSpec, role: Actor['role']): HostSpec {
  const { workload } = spec
  if (role === 'operator' || workload?.env === undefined) return spec
  const env = Object.fromEntries(Object.keys(workload.env).map((name) => [name, '(for operators)']))
  return { ...spec, workload: { ...workload, env } }
}

export function viewHost(base: LinkBase, row: HostRow): HostView {
  const {
    seq: _seq,
    phaseAt,
    updatedAt,
    launchedAt,
    bootDeadline,
    waitUntil,
    readyAt,
    lastBeatAt,
    reclaimAt,
    ...same
  } = row
  const temporal = temporalLink(base, hostWorkflowId(row.host))
  return {
    ...same,
    phaseSince: iso(phaseAt),
    updatedAt: iso(updatedAt),
    launchedAt: maybeIso(launchedAt),
    bootDeadline: maybeIso(bootDeadline),
    waitUntil: maybeIso(waitUntil),
    readyAt: maybeIso(readyAt),
    reclaimAt: maybeIso(reclaimAt),
    lastBeatAt: maybeIso(lastBeatAt),
    links: { ...(temporal === undefined ? {} : { temporal }), dashboard: `/hosts/${row.host}` },
  }
}

export function viewEvent({ at, recordedAt, ...row }: JournalRow): JournalEvent {
  return { ...row, at: iso(at), recordedAt: iso(recordedAt) }
}

export function viewEvidence(row: Omit<EvidenceRow, 'content'>): EvidenceEntry {
  const { host, generation, attempt, kind, contentType, takenAt } = row
  const href = `/v1/hosts/${host}/evidence/${encodeURIComponent(generation)}/${attempt}/${kind}`
  return { generation, attempt, kind, contentType, takenAt: iso(takenAt), href }
}

const iso = (atMs: number): string => new Date(atMs).toISOString()
const maybeIso = (atMs: number | undefined): string | undefined =>
  atMs === undefined ? undefined : iso(atMs)
