import { z } from 'zod'
import { MIN_AUTO_RELEASE_MS } from '../spec.ts'
import { DISK_SIZE, parseDiskSize } from './disk-size.ts'
import { duration, durationOrOff, inRange, text, wholeNumber } from './fields.ts'
import { tagsSchema } from './tags-schema.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Placements after lists of types are expanded; also keeps the spec within its 8 KiB. */
export const MAX_PLACEMENTS = 50

const PRICE = 'expected a price per hour above 0'
const WEIGHT = 'expected a weight above 0, at most 1000'

const instanceType = text(/^ecs\.[a-z0-9][a-z0-9.-]{1,60}$/, 'an instance type like ecs.g7.large')

const placement = z
  .strictObject({
    zone: text(/^[a-z]{2}-[a-z0-9-]{2,40}$/, 'a zone id like cn-hangzhou-h').meta({
      description: 'Zone id, for example cn-hangzhou-h.',
    }),
    vSwitch: text(/^vsw-[a-z0-9]{1,40}$/, 'a vSwitch id like vsw-bp1…').meta({
      description: 'vSwitch of that zone.',
    }),
    type: instanceType.optional().meta({ description: 'Instance type, for example ecs.g7.large.' }),
    types: z
      .array(instanceType)
      .min(1, { error: 'expected at least one instance type' })
      .optional()
      .meta({ description: 'Several instance types: one placement each, in this order.' }),
    spot: z
      .union(
        [
          z.boolean(),
          z.strictObject({
            priceLimit: z
              .number({ error: PRICE })
              .positive({ error: PRICE })
              .max(1_000_000, { error: PRICE })
              .optional()
              .meta({ description: "Highest price per hour in the account's currency." }),
            fallback: z.boolean({ error: 'expected true or false' }).optional().meta({
              description: 'On-demand of the same zone and type while there is no spot.',
              default: false,
            }),
          }),
        ],
        { error: 'expected true, false or { priceLimit: <price per hour>, fallback: true }' },
      )
      .optional()
      .meta({
        description: 'Spot instance, up to the on-demand price or to a limit; with a fallback or without.',
      }),
    weight: z
      .number({ error: WEIGHT })
      .positive({ error: WEIGHT })
      .max(1_000, { error: WEIGHT })
      .optional()
      .meta({
        description: 'Share of the launches under policy weighted, for each type of a list. Default 1.',
      }),
  })
  .meta({ description: 'Zone, vSwitch, instance type, spot or on-demand: where an instance may be made.' })

const DISK_RANGE = { min: 1, max: 2_048, expected: 'expected a size from 1GiB to 2048GiB, like 40GiB' }

const systemDisk = z.strictObject({
  // Values: RunInstances, SystemDisk.Category.
  category: z.enum([
    'cloud_efficiency',
    'cloud_ssd',
    'cloud_essd',
    'cloud',
    'cloud_auto',
    'cloud_essd_entry',
  ]),
  size: text(DISK_SIZE, 'a size from 1GiB to 2048GiB, like 40GiB')
    .meta({ description: 'For example 40GiB; at least the size of the image.' })
    .transform((value, context) => inRange(parseDiskSize(value), DISK_RANGE, context)),
  performanceLevel: z.enum(['PL0', 'PL1', 'PL2', 'PL3']).optional().meta({
    description: 'For cloud_essd only. The cloud takes PL1 without it.',
  }),
})

const workload = z.strictObject({
  command: z
    .array(text(/^[^\0]{1,4096}$/s, 'a text; put numbers in quotes'))
    .min(1, { error: 'expected a program and its arguments, like [node, server.js]' })
    .meta({ description: 'Program and arguments; no shell.' }),
  env: z
    .record(
      text(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'),
      text(/^[^\0]*$/s, 'a text; put numbers and true/false in quotes'),
    )
    .optional()
    .meta({
      description: 'Environment of the program. It is readable for everyone who sees the spec: no secrets.',
    }),
  stopTimeout: duration({
    min: 0,
    max: HOUR,
    default: '30s',
    description: 'From the graceful stop to the forced one.',
  }).optional(),
  restart: z.enum(['always', 'onFailure', 'never']).optional().meta({
    description: 'What to do when the program ends.',
    default: 'onFailure',
  }),
})

const heartbeat = z.strictObject({
  every: duration({
    min: SECOND,
    max: 5 * MINUTE,
    default: '15s',
    description: 'How often agents beat.',
  }).optional(),
  timeout: duration({
    min: 3 * SECOND,
    max: HOUR,
    default: '90s',
    description: 'Silence after which a ready host is silent; at least 3 beats.',
  }).optional(),
})

const backoff = z.strictObject({
  initial: duration({
    min: SECOND,
    max: HOUR,
    default: '5s',
    description: 'After the first failed attempt; doubles.',
  }).optional(),
  max: duration({ min: SECOND, max: DAY, default: '10m', description: 'Never longer than this.' }).optional(),
})

/**
 * What hosts are made of. All optional here, because a fleet takes from `defaults` what it does not say itself; rules
 * ask for what is missing after that.
 */
export const hostSchema = z.strictObject({
  image: text(
    /^(m-[a-z0-9]{1,60}|[A-Za-z0-9][\w.-]{1,100}\.vhd)$/,
    'an image id like m-bp1…, or a public image like ubuntu_24_04_x64_20G_alibase_20251210.vhd',
  )
    .optional()
    .meta({ description: 'Image id.' }),
  os: z.enum(['linux', 'windows']).optional().meta({ description: 'System of the image.', default: 'linux' }),
  placements: z
    .array(placement)
    .min(1, { error: 'expected at least one placement' })
    .optional()
    .meta({ description: 'Where instances may be made, tried in this order or by weight.' }),
  policy: z
    .enum(['order', 'weighted'])
    .optional()
    .meta({ description: 'How a placement is chosen.', default: 'order' }),
  securityGroups: z
    .array(text(/^sg-[a-z0-9]{1,40}$/, 'a security group id like sg-bp1…'))
    .min(1, { error: 'expected at least one security group' })
    .max(16, { error: 'expected at most 16 security groups, as many as ECS takes' })
    .optional()
    .meta({ description: 'Security groups of the instances; all of one network.' }),
  systemDisk: systemDisk.optional().meta({ description: 'Without it the cloud chooses.' }),
  publicBandwidthMbps: wholeNumber(0, 100)
    .optional()
    .meta({ description: 'Above 0 a public address is assigned.', default: 0 }),
  ramRole: text(/^[A-Za-z0-9.@_-]{1,64}$/, 'the name of a RAM role')
    .optional()
    .meta({ description: 'RAM role of the instances.' }),
  keyPair: text(/^[A-Za-z][A-Za-z0-9:_-]{1,127}$/, 'the name of a key pair')
    .optional()
    .meta({ description: 'SSH key pair; Linux only.' }),
  tags: tagsSchema.optional(),
  workload: workload.optional().meta({ description: 'The program that agents run and watch.' }),
  bootTimeout: duration({
    min: 30 * SECOND,
    max: DAY,
    default: '20m',
    description: 'From the launch to the word of the agent that the host has started.',
  }).optional(),
  runningTimeout: duration({
    min: 10 * SECOND,
    max: DAY,
    default: '5m',
    description: 'How long the cloud is asked whether the instance runs; never longer than bootTimeout.',
  }).optional(),
  heartbeat: heartbeat.optional(),
  silentGrace: duration({
    min: 6 * SECOND,
    max: DAY,
    default: '5m',
    description: 'How long a silent host is kept before it is judged; at least 2 heartbeat timeouts.',
  }).optional(),
  drainTimeout: duration({
    min: SECOND,
    max: DAY,
    default: '10m',
    description: 'From the drain command to the delete.',
  }).optional(),
  deadMan: z
    .strictObject({
      renewEvery: durationOrOff({
        min: 5 * MINUTE,
        max: 30 * DAY,
        description:
          'Renews the release time of ready hosts this often, so that they end when Muster does. Off: it is cleared.',
      }),
    })
    .optional()
    .meta({ description: "The cloud's own release time as a dead-man switch." }),
  backoff: backoff.optional().meta({ description: 'Pause between attempts.' }),
  preserveFailed: durationOrOff({
    min: MIN_AUTO_RELEASE_MS,
    max: 30 * DAY,
    description:
      'Keeps the instances of failed attempts this long for a person to look at, of each host at most three at a time.',
  }).optional(),
})

/** Durations in ms, sizes in GiB. */
export type HostFields = z.output<typeof hostSchema>
export type PlacementFields = z.output<typeof placement>
