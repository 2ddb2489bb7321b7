import { z } from '@hono/zod-openapi'
import type {
  AgentCommand,
  DrainedRequest,
  HeartbeatAnswer,
  HeartbeatRequest,
  HostFacts,
  LegacyStatusRequest,
  StartedAnswer,
  StartedRequest,
} from '../../domain/wire.ts'

/**
 * The same value as zod types it: what may be absent may also be undefined. JSON has no undefined, so a parsed body is
 * a `T` all the same ({@link fromJson}).
 */
type Parsed<T> = T extends readonly (infer Item)[]
  ? Parsed<Item>[]
  : T extends object
    ? { [K in keyof T]: object extends Pick<T, K> ? Parsed<T[K]> | undefined : Parsed<T[K]> }
    : T

/** A parsed JSON body as its wire type. */
export const fromJson = <T>(body: Parsed<T>): T => body as T

/** The bounds are zod's own; written down, they are described too. */
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER)
/**
 * Texts of agents are shown on pages and in terminals: control characters, which a terminal obeys, and those that turn the
 * direction of reading become blanks.
 */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .overwrite((value) => value.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, ' '))
/** ISO-8601 in UTC; the format alone would allow other zones. */
const instant = z.iso.datetime().openapi({ pattern: 'Z$' })

const facts = z
  .strictObject({
    /** Shown in journals and asked of the cloud: nothing but the letters of an id. */
    instanceId: z.string().regex(/^[\w.:-]{1,64}$/, 'expected an instance id'),
    mac: z.string().regex(/^([0-9a-f]{2}(:[0-9a-f]{2}){5})?$/, 'expected lower-case hex pairs with colons'),
    privateIp: z.union([z.ipv4().openapi({ format: 'ipv4' }), z.literal('')]),
    cpu: z.strictObject({
      logical: z.int().min(1).max(65_536),
      physical: z.int().min(1).max(65_536).optional(),
      source: z.enum(['os', 'systeminformation']),
    }),
    memoryBytes: count,
    os: z.strictObject({ platform: text(64), release: text(256), arch: text(32), hostname: text(255) }),
    agentVersion: text(64),
    programStartedAt: instant,
  })
  .openapi('HostFacts') satisfies z.ZodType<Parsed<HostFacts>>

/** Made once at each boot of the operating system. */
const bootId = text(128).min(1)

export const startedRequest = z
  .strictObject({ bootId, facts, identity: text(16_384).optional() })
  .openapi('StartedRequest') satisfies z.ZodType<Parsed<StartedRequest>>

const workload = z
  .strictObject({
    command: z.array(z.string()),
    env: z.record(z.string(), z.string()).optional(),
    stopTimeoutMs: z.int(),
    restart: z.enum(['always', 'onFailure', 'never']),
  })
  .openapi('Workload')

export const startedAnswer = z
  .strictObject({
    heartbeatSeconds: z.int().min(1),
    workload: workload.optional(),
    files: z.array(z.string()),
  })
  .openapi('StartedAnswer') satisfies z.ZodType<Parsed<StartedAnswer>>

export const heartbeatRequest = z
  .strictObject({
    bootId,
    seq: count.min(1),
    workload: z.strictObject({
      state: z.enum(['none', 'starting', 'running', 'stopping', 'stopped', 'failed']),
      pid: count.optional(),
      restarts: count,
      exitCode: z.int().min(-2_147_483_648).max(4_294_967_295).optional(),
      lastWords: text(500).optional(),
    }),
    load: z.number().min(0).max(1_000_000),
    sentAt: instant.optional(),
    facts: facts.optional(),
    acks: z
      .array(z.strictObject({ id: text(128).min(1), ok: z.boolean(), error: text(2_000).optional() }))
      .max(100)
      .optional(),
    reclaimAt: instant.optional(),
  })
  .openapi('HeartbeatRequest') satisfies z.ZodType<Parsed<HeartbeatRequest>>

const command = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['drain', 'stop', 'profile', 'run']),
    arguments: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('AgentCommand') satisfies z.ZodType<Parsed<AgentCommand>>

export const heartbeatAnswer = z
  .strictObject({ commands: z.array(command) })
  .openapi('HeartbeatAnswer') satisfies z.ZodType<Parsed<HeartbeatAnswer>>

export const drainedRequest = z.strictObject({ bootId }).openapi('DrainedRequest') satisfies z.ZodType<
  Parsed<DrainedRequest>
>

export const accepted = z.strictObject({}).openapi('Accepted')

/** The only two of the old protocol. */
const legacyStatus = z
  .union([z.literal(0), z.literal(2)], { error: 'expected 2, which means started, or 0, not yet' })
  .openapi({ type: 'integer', enum: [0, 2] })

export const legacyStatusRequest = z
  .strictObject({ privateIp: z.ipv4().openapi({ format: 'ipv4' }), status: legacyStatus })
  .openapi('LegacyStatusRequest') satisfies z.ZodType<Parsed<LegacyStatusRequest>>
