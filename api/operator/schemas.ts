import { z } from '@hono/zod-openapi'
import type { HostPhase } from '../../domain/host/types.ts'
import { FLEET_NAME } from '../../domain/ids.ts'
import { MAX_FLEET_SIZE } from '../../domain/spec.ts'
import type { HostSpec } from '../../domain/spec.ts'

export const PHASES = [
  'waiting',
  'launching',
  'booting',
  'ready',
  'silent',
  'draining',
  'deleting',
  'retired',
] as const satisfies readonly HostPhase[]

const DAY_MS = 86_400_000

const instant = z.iso.datetime().openapi({ example: '2026-11-23T19:00:00.000Z' })
const phase = z.enum(PHASES)
const count = z.int().min(0)
/** Numbers of a query are texts: the description must say what they are once read. */
export const pageSize = z.coerce
  .number()
  .int()
  .min(1)
  .max(1_000)
  .optional()
  .openapi({ type: 'integer', minimum: 1, maximum: 1_000 })
export const rowId = z.coerce
  .number()
  .int()
  .min(1)
  .max(Number.MAX_SAFE_INTEGER)
  .optional()
  .openapi({ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

export const fleetName = z
  .string()
  .regex(FLEET_NAME, 'expected a fleet name: lower-case letters, digits, dashes')
  .openapi({ example: 'render' })
/** Five digits as in the host id; leading zeros may be left out. */
export const slotText = z
  .string()
  .regex(/^(?!0+$)\d{1,5}$/, 'expected a slot number from 1 to 99999')
  .openapi({ example: '00007' })

export const fleetParams = z.object({ name: fleetName })
export const hostParams = z.object({ fleet: fleetName, slot: slotText })
export const evidenceParams = hostParams.extend({
  generation: z.string().regex(/^[\w-]{1,64}$/),
  attempt: z.string().regex(/^[1-9]\d{0,5}$/, 'expected a number'),
  kind: z.enum(['console', 'screenshot', 'events']),
})

const links = z.strictObject({ temporal: z.string().optional(), dashboard: z.string() })

export const fleetView = z
  .strictObject({
    name: z.string(),
    desired: count,
    /** Hosts that are not retired. */
    actual: count,
    paused: z.boolean(),
    specHash: z.string(),
    note: z.string(),
    /** The last one, done or not. */
    rollout: z
      .strictObject({
        state: z.enum(['rolling', 'stopped', 'done']),
        specHash: z.string(),
        /** Hosts still to be replaced. */
        left: count,
        by: z.string(),
        why: z.string(),
        startedAt: instant,
        reason: z.string().optional(),
      })
      .optional(),
    /** Present while too many hosts are silent at once. */
    frozen: z
      .strictObject({
        since: instant,
        silent: count,
        of: count,
        overriddenUntil: instant.optional(),
        overriddenBy: z.string().optional(),
      })
      .optional(),
    phases: z
      .partialRecord(phase, count)
      .openapi({ type: 'object', additionalProperties: { type: 'integer' } }),
    updatedAt: instant,
    links,
  })
  .openapi('Fleet')

/** Built separately: an extended strict object is described as two that exclude each other. */
export const fleetDetail = z
  .strictObject({
    ...fleetView.shape,
    spec: z.custom<HostSpec>().openapi({ type: 'object', additionalProperties: true }).optional(),
  })
  .openapi('FleetDetail')

const facts = z.strictObject({
  instanceId: z.string(),
  mac: z.string(),
  privateIp: z.string(),
  cpu: z.strictObject({ logical: z.int(), physical: z.int().optional(), source: z.string() }),
  memoryBytes: z.number(),
  os: z.strictObject({ platform: z.string(), release: z.string(), arch: z.string(), hostname: z.string() }),
  agentVersion: z.string(),
  programStartedAt: z.string(),
})

export const hostView = z
  .strictObject({
    host: z.string(),
    fleet: z.string(),
    slot: z.int(),
    generation: z.string(),
    attempt: z.int(),
    phase,
    phaseSince: instant,
    reason: z.string(),
    specHash: z.string(),
    imageId: z.string(),
    region: z.string(),
    zone: z.string().optional(),
    instanceType: z.string().optional(),
    instanceId: z.string().optional(),
    privateIp: z.string().optional(),
    mac: z.string().optional(),
    keyId: z.string().optional(),
    liveness: z.enum(['agent', 'none']),
    launchedAt: instant.optional(),
    bootDeadline: instant.optional(),
    waitUntil: instant.optional(),
    readyAt: instant.optional(),
    /** When the cloud takes the instance, as it has announced. */
    reclaimAt: instant.optional(),
    wish: z.enum(['drain', 'replace', 'retire']).optional(),
    failure: z.string().optional(),
    lastBeatAt: instant.optional(),
    workload: z.string().optional(),
    load: z.number().optional(),
    /** What the host's clock is ahead of the API's; behind: negative. */
    clockSkewMs: z.number().optional(),
    facts: facts.optional(),
    updatedAt: instant,
    links,
  })
  .openapi('Host')

export const hostsQuery = z.strictObject({
  fleet: fleetName.optional(),
  phase: phase.optional(),
  search: z.string().max(200).optional(),
  includeRetired: z.enum(['true', 'false']).optional(),
  after: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}\/\d{5}$/, 'expected a host id, for example render/00007')
    .optional(),
  limit: pageSize,
})

/** `next` is the `after` of the next page; absent on the last one. */
export const hostsAnswer = z
  .strictObject({ hosts: z.array(hostView), next: z.string().optional() })
  .openapi('Hosts')
export const fleetsAnswer = z.strictObject({ fleets: z.array(fleetView) }).openapi('Fleets')

export const journalQuery = z.strictObject({
  generation: z.string().max(64).optional(),
  before: rowId,
  limit: pageSize,
})

export const journalAnswer = z
  .strictObject({
    events: z.array(
      z.strictObject({
        id: z.int(),
        host: z.string(),
        generation: z.string(),
        seq: z.int(),
        attempt: z.int(),
        kind: z.string(),
        text: z.string(),
        data: z.record(z.string(), z.unknown()).optional(),
        /** By workflow time, which may run ahead of the wall clock after a fast-forward. */
        at: instant,
        recordedAt: instant,
      }),
    ),
    /** The `before` of the next page. */
    next: z.int().optional(),
  })
  .openapi('Journal')

export const evidenceAnswer = z
  .strictObject({
    evidence: z.array(
      z.strictObject({
        generation: z.string(),
        attempt: z.int(),
        kind: z.enum(['console', 'screenshot', 'events']),
        contentType: z.string(),
        takenAt: instant,
        href: z.string(),
      }),
    ),
  })
  .openapi('Evidence')

/** Who asks is known by the token; why is always asked. */
const why = z.string().trim().min(1).max(500).openapi({ example: 'kernel update' })

export const resizeBody = z.strictObject({ size: z.int().min(0).max(MAX_FLEET_SIZE), why }).openapi('Resize')
export const whyBody = z.strictObject({ why }).openapi('Why')
export const endBody = z.strictObject({ why, drain: z.boolean().optional() }).openapi('ReplaceOrRetire')
export const preserveBody = z
  .strictObject({
    why,
    forMs: z
      .int()
      .min(30 * 60_000)
      .max(30 * DAY_MS),
  })
  .openapi('Preserve')

export const fleetAnswer = z
  .object({ name: z.string(), desired: count, paused: z.boolean(), specHash: z.string() })
  .openapi('FleetAnswer')
export const hostAnswer = z
  .object({ phase: z.string(), attempt: z.int(), generation: z.string() })
  .openapi('HostAnswer')

export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\w.:-]{1,128}$/, 'expected 1 to 128 letters, digits, dots, colons, dashes')
    .optional(),
})
