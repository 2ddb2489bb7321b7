import { z } from 'zod'
import { TRANSITIONS } from '../clock.ts'
import { parseAddress, parseCidr } from '../cloud/addresses.ts'
import { faultSchema } from '../faults/schema.ts'
import { statuspageSeed } from '../statuspage/seed.ts'

const seconds = z.number().min(0).max(86_400)

export const policySchema = z.union([
  z.literal('immediate'),
  z.literal('manual'),
  z.strictObject({ afterSeconds: seconds, jitterSeconds: seconds.optional() }),
  z.strictObject({ medianSeconds: seconds, sigma: z.number().min(0).max(5) }),
])
const policies = z.partialRecord(z.enum(TRANSITIONS), policySchema)

/** Loopback only: an instance binds its address on this machine. */
const loopbackCidr = z
  .string()
  .refine(isLoopbackBlock, 'must be an IPv4 block of 8 to 29 bits inside 127.0.0.0/8')

function isLoopbackBlock(cidr: string): boolean {
  try {
    const { first, last } = parseCidr(cidr)
    return first >= parseAddress('127.0.0.0')! && last <= parseAddress('127.255.255.255')!
  } catch {
    return false // not a block at all: the message says what is expected
  }
}

const id = z.string().min(1).max(128)
const madeAt = z.string().default('2026-01-05T08:00:00Z')
const tags = z.record(z.string(), z.string())

const catalogue = z.strictObject({
  regions: z
    .array(
      z.strictObject({
        regionId: id,
        localName: id,
        idPrefix: z.string().regex(/^[0-9a-z]{3}$/),
        zones: z.array(id),
      }),
    )
    .optional(),
  instanceTypes: z
    .array(
      z.strictObject({
        instanceType: id,
        vcpus: z.int().min(1),
        memoryMiB: z.int().min(1),
        gpus: z.int().min(0).optional(),
        gpuSpec: z.string().optional(),
        price: z.number().min(0).default(1),
        notInZones: z.array(id).optional(),
      }),
    )
    .optional(),
  images: z
    .array(
      z.strictObject({
        imageId: id,
        name: id,
        family: id.optional(),
        description: z.string().optional(),
        os: z.enum(['linux', 'windows']),
        osName: z.string().default(''),
        platform: z.string().default(''),
        architecture: z.enum(['x86_64', 'arm64']).default('x86_64'),
        sizeGiB: z.int().min(1).default(20),
        owner: z.enum(['system', 'self']).default('self'),
        status: z
          .enum(['Available', 'UnAvailable', 'Creating', 'Waiting', 'CreateFailed', 'Deprecated'])
          .default('Available'),
        supportsCloudInit: z.boolean().default(true),
        hasPassword: z.boolean().default(false),
        createdAt: madeAt,
        tags: tags.default({}),
        regionId: id.optional(),
        clock: policies.optional(),
      }),
    )
    .optional(),
  vpcs: z
    .array(
      z.strictObject({
        vpcId: id,
        regionId: id,
        name: z.string().default(''),
        cidr: loopbackCidr,
        isDefault: z.boolean().default(false),
        createdAt: madeAt,
      }),
    )
    .optional(),
  vSwitches: z
    .array(
      z.strictObject({
        vSwitchId: id,
        vpcId: id,
        regionId: id,
        zoneId: id,
        name: z.string().default(''),
        cidr: loopbackCidr,
        isDefault: z.boolean().default(false),
        createdAt: madeAt,
      }),
    )
    .optional(),
  securityGroups: z
    .array(
      z.strictObject({
        securityGroupId: id,
        vpcId: id,
        regionId: id,
        name: z.string().default(''),
        type: z.enum(['normal', 'enterprise']).default('normal'),
        createdAt: madeAt,
        maxInstances: z.int().min(1).default(2000),
      }),
    )
    .optional(),
})

const quota = z
  .strictObject({
    regionId: id.optional(),
    zoneId: id.optional(),
    instanceType: id.optional(),
    maxInstances: z.int().min(0).optional(),
    maxVcpus: z.int().min(0).optional(),
  })
  .refine(
    (entry) => (entry.maxInstances === undefined) !== (entry.maxVcpus === undefined),
    'needs either maxInstances or maxVcpus',
  )

/** What can be put into the cloud from outside; entries of the same id are replaced. */
export const seedSchema = z.strictObject({
  catalogue: catalogue.optional(),
  stock: z.array(z.strictObject({ zoneId: id, instanceType: id, available: z.int().min(0) })).optional(),
  /** Replaces all quotas. */
  quota: z.array(quota).optional(),
  /** Calls a minute by action, `*` for the others. */
  rateLimits: z.record(z.string(), z.int().min(0)).optional(),
  clock: policies.optional(),
  behaviour: z
    .strictObject({ agent: z.enum(['process', 'light', 'mute', 'none', 'wrongIdentity']) })
    .optional(),
  faults: z.array(faultSchema).optional(),
  statuspage: statuspageSeed.optional(),
})
export type SeedInput = z.input<typeof seedSchema>
export type Seed = z.output<typeof seedSchema>

/** POST clock: change how long things take, move time, or carry waiting changes out. */
export const clockSchema = z.strictObject({
  policy: z.union([z.literal('immediate'), policies]).optional(),
  advanceSeconds: z
    .number()
    .min(0)
    .max(4 * 365 * 86_400)
    .optional(),
  advance: z
    .strictObject({ instanceId: id.optional(), transition: z.enum(TRANSITIONS).optional() })
    .optional(),
})
export type ClockInput = z.input<typeof clockSchema>
