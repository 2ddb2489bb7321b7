/**
 * The config file as people write it. zod is used in this folder alone: workflows import from `domain/`, but never from
 * here, so that their bundle stays free of it.
 */
import { z } from 'zod'
import { FLEET_NAME } from '../ids.ts'
import { DEFAULT_KEEP_MS, KEEP_MS } from '../keep.ts'
import { MAX_FLEET_SIZE } from '../spec.ts'
import { DEFAULT_SWEEP_POLICY } from '../sweep/types.ts'
import { isBaseUrl } from './base-url.ts'
import { breakerSchema } from './breaker-schema.ts'
import { durationText } from './duration.ts'
import { duration, envName, HOST_PORT, text, wholeNumber } from './fields.ts'
import { hostSchema } from './host-schema.ts'
import { rolloutFields } from './rollout-schema.ts'
import { statuspageSchema } from './statuspage-schema.ts'
import { scheduleName, scheduleSchema, timezone } from './schedule-schema.ts'
import { temporalSchema } from './temporal-schema.ts'

const MINUTE_MS = 60_000

const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/
const PUBLIC_URL =
  'expected an http:// or https:// URL without user, query and fragment, as agents reach the API'
const PROXY = 'expected an address or a CIDR range of proxies alone, like 10.0.0.8/30'

const ranges = [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]
const isRange = (value: string): boolean => ranges.some((range) => range.safeParse(value).success)

const key = z.strictObject({
  id: text(/^[A-Za-z0-9_-]{1,32}$/, 'a key id of 1 to 32 letters, digits, _ and -').meta({
    description: 'Names the key in tokens; never use an id again for another secret.',
  }),
  secretEnv: envName('the secret of this key'),
})

/** Each section alone, so that rules can work on those that are right while others are not. */
export const SECTIONS = {
  controller: text(
    /^[a-z][a-z0-9-]{0,39}$/,
    'a name of 1 to 40 lower-case letters, digits and dashes, beginning with a letter',
  ).meta({
    description: 'Name of this installation, in every tag and token. Required for the real cloud.',
    default: 'dev',
  }),
  temporal: temporalSchema,
  cloud: z
    .strictObject({
      kind: z
        .enum(['emulator', 'alibaba'])
        .default('emulator')
        .meta({ description: 'emulator runs on this machine; alibaba is the real cloud and costs money.' }),
      region: text(/^[a-z]{2}-[a-z0-9-]{2,40}$/, 'a region id like cn-hangzhou').default('cn-hangzhou'),
      endpoint: text(HOST, 'host or host:port of the ECS API, without https://')
        .optional()
        .meta({ description: 'Another ECS endpoint than the usual one of the region.' }),
      protocol: z.enum(['http', 'https']).optional().meta({ description: 'https, for the emulator http.' }),
    })
    .meta({ description: 'Where instances are made.' }),
  store: z
    .strictObject({
      sqlite: text(/^[^\0]{1,1000}$/s, 'the path of a file')
        .optional()
        .meta({ description: 'SQLite file. Without it one below the state folder.' }),
      postgresUrlEnv: envName('the URL of the PostgreSQL database').optional(),
      keep: duration({
        ...KEEP_MS,
        description:
          'How long journal, audit and evidence are kept; what runs keeps the lines of its attempt.',
        default: durationText(DEFAULT_KEEP_MS),
      }).optional(),
    })
    .meta({ description: 'The database: SQLite or PostgreSQL.' }),
  api: z
    .strictObject({
      listen: text(HOST_PORT, 'host:port, like 127.0.0.1:8080; port 0 takes a free one')
        .optional()
        .meta({ description: 'Where the API listens. Without it on loopback. Required for the real cloud.' }),
      publicUrl: z
        .string({ error: PUBLIC_URL })
        .refine(isBaseUrl, { error: PUBLIC_URL })
        .transform((value) => value.replace(/\/+$/, ''))
        .optional()
        .meta({ description: 'The API as agents and people reach it. Required for the real cloud.' }),
      trustedProxies: z
        .array(z.string({ error: PROXY }).refine(isRange, { error: PROXY }))
        .default([])
        .meta({ description: 'Addresses and CIDR ranges whose X-Forwarded-For is believed.' }),
      keys: z
        .array(key)
        .max(2, { error: 'expected at most two keys: the one in use first, and the one before it' })
        .default([])
        .meta({ description: 'Keys of enrollment tokens: new ones are signed with the first.' }),
    })
    .meta({ description: 'The API for agents and people.' }),
  sweep: z
    .strictObject({
      ageGuard: duration({
        min: 2 * MINUTE_MS,
        max: 1440 * MINUTE_MS,
        description:
          'Nothing younger is looked at, and nothing is deleted sooner than half of this after it was marked as an orphan.',
        default: durationText(DEFAULT_SWEEP_POLICY.ageGuardMs),
      }).optional(),
      maxOrphans: wholeNumber(0, 1_000).optional().meta({
        description: 'More orphans than this and than maxPercent: none is deleted until a person has looked.',
        default: DEFAULT_SWEEP_POLICY.maxOrphans,
      }),
      maxPercent: wholeNumber(0, 100).optional().meta({
        description: 'Orphans in per cent of the hosts wanted.',
        default: DEFAULT_SWEEP_POLICY.maxPercent,
      }),
    })
    .meta({ description: 'How instances that no host claims are found and deleted.' }),
  identity: z
    .strictObject({
      privateIp: z.enum(['off', 'allow']).default('off').meta({
        description: 'Whether hosts may say by their private address alone that they have started.',
      }),
    })
    .meta({ description: 'How hosts prove who they are.' }),
}

export const fleetSchema = z.strictObject({
  size: wholeNumber(0, MAX_FLEET_SIZE).meta({ description: 'How many hosts.' }),
  hosts: hostSchema
    .meta({ description: 'What the hosts are made of; what is not said comes from defaults.' })
    .prefault({}),
  ...rolloutFields,
  breaker: breakerSchema.optional().meta({
    description: 'For this fleet alone; what is not said comes from the breaker of the installation.',
  }),
})

const fleetName = text(
  FLEET_NAME,
  'a fleet name of 1 to 40 lower-case letters, digits and dashes, beginning with a letter',
)

export const fileSchema = z
  .strictObject({
    controller: SECTIONS.controller.optional(),
    temporal: SECTIONS.temporal.prefault({}),
    cloud: SECTIONS.cloud.prefault({}),
    store: SECTIONS.store.prefault({}),
    api: SECTIONS.api.prefault({}),
    identity: SECTIONS.identity.prefault({}),
    sweep: SECTIONS.sweep.prefault({}),
    breaker: breakerSchema
      .meta({ description: 'When boots that fail are stopped, and tried again one by one.' })
      .prefault({}),
    statuspage: statuspageSchema.optional(),
    defaults: hostSchema.meta({ description: 'For the hosts of all fleets.' }).prefault({}),
    fleets: z.record(fleetName, fleetSchema).prefault({}).meta({ description: 'Fleets by name.' }),
    timezone: timezone
      .optional()
      .meta({ description: 'Whose clock schedules mean that name no time zone.', default: 'UTC' }),
    schedules: z
      .record(scheduleName, scheduleSchema)
      .prefault({})
      .meta({ description: 'What happens when, by name.' }),
  })
  .meta({ title: 'Muster config', description: 'What Muster keeps alive, and where.' })

export type FileConfig = z.output<typeof fileSchema>
