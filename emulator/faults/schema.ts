import { z } from 'zod'

const seconds = z.number().min(0).max(86_400)

/** What a fault does. The first group happens to a call, the second to an instance. */
const effect = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('error'),
    code: z.string().min(1),
    /** Default: the cloud's own for a known code, else 400. */
    httpStatus: z.int().min(400).max(599).optional(),
    message: z.string().optional(),
  }),
  /** A proxy's page instead of an answer: what broken load balancers send. */
  z.strictObject({
    type: z.literal('htmlBody'),
    status: z.int().min(200).max(599).default(502),
    body: z.string().optional(),
  }),
  /** No answer. `when: after` does the work first: the client cannot tell. `seconds` ends the silence by a reset. */
  z.strictObject({
    type: z.literal('hang'),
    when: z.enum(['before', 'after']).default('before'),
    seconds: seconds.optional(),
  }),
  z.strictObject({ type: z.literal('resetBefore') }),
  z.strictObject({ type: z.literal('resetAfter') }),
  z.strictObject({
    type: z.literal('throttle'),
    retryAfterMs: z.int().min(0).max(3_600_000).optional(),
    code: z.string().default('Throttling.User'),
  }),
  /** The answer takes this long; with a ClientToken the call counts as being processed meanwhile. */
  z.strictObject({ type: z.literal('delay'), ms: z.int().min(0).max(600_000) }),
  z.strictObject({ type: z.literal('stockOut') }),
  z.strictObject({ type: z.literal('lateIp'), seconds }),
  z.strictObject({ type: z.literal('missingIp') }),
  z.strictObject({ type: z.literal('lateId'), seconds }),
  /** Accepted, then gone without ever running: event SystemFailure.Delete. */
  z.strictObject({ type: z.literal('vanish'), afterSeconds: seconds.default(1) }),
  z.strictObject({
    type: z.literal('spotReclaim'),
    /** After Running. */
    afterSeconds: seconds.default(0),
    /** The cloud gives 5 minutes. */
    noticeSeconds: seconds.default(300),
  }),
  /** Its system disk, or its network interface, outlives the instance, attached to nothing. */
  z.strictObject({ type: z.literal('leaveDisk') }),
  z.strictObject({ type: z.literal('leaveInterface') }),
  z.strictObject({ type: z.literal('muteAgent') }),
  z.strictObject({ type: z.literal('wrongIdentity') }),
  z.strictObject({ type: z.literal('noAgent') }),
])

/** Every condition given must hold. Values are exact, or hold `*` for any run of characters. */
const match = z.strictObject({
  /** Of the request for RunInstances and CreateInstance, else of the instances it names. */
  tags: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).optional(),
  /** Short for the tag muster:host, for example demo/00002. */
  host: z.string().optional(),
  regionId: z.string().optional(),
  zoneId: z.string().optional(),
  instanceType: z.string().optional(),
  imageId: z.string().optional(),
  instanceId: z.string().optional(),
  /** `NoSpot`, or `Spot*` for every way of asking for spot. */
  spotStrategy: z.string().optional(),
})

export const faultSchema = z.strictObject({
  id: z.string().min(1).max(64).optional(),
  /** One action, several, `*` for all of ECS, or `statuspage.*`. Ignored by effects on instances. */
  action: z.union([z.string(), z.array(z.string()).min(1)]).default('*'),
  match: match.default({}),
  /** How often it happens before it is spent; absent: until removed. */
  count: z.int().min(1).optional(),
  /** Lets this many matching calls pass first. */
  after: z.int().min(0).default(0),
  probability: z.number().min(0).max(1).default(1),
  seed: z.string().optional(),
  effect,
})

export type FaultInput = z.input<typeof faultSchema>
export type FaultSpec = z.output<typeof faultSchema>
export type FaultEffect = FaultSpec['effect']
export type FaultMatch = FaultSpec['match']
export type EffectOf<T extends FaultEffect['type']> = Extract<FaultEffect, { type: T }>
