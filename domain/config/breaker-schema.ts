import { z } from 'zod'
import { duration, wholeNumber } from './fields.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

/** More failures than this in a row are not counted. */
const MOST_FAILURES = 1_000

const failures = (description: string, standard?: number) =>
  wholeNumber(1, MOST_FAILURES)
    .optional()
    .meta({ description, ...(standard !== undefined && { default: standard }) })

/** All optional: a fleet takes from the installation what it does not say itself. */
export const breakerSchema = z.strictObject({
  enabled: z
    .boolean({ error: 'expected true or false' })
    .optional()
    .meta({ description: 'Whether failed boots open holds by themselves.', default: true }),
  failures: failures('Failed boots in a row of one image × zone × type that hold it.', 5),
  window: duration({
    min: MINUTE,
    max: DAY,
    default: '30m',
    description: 'Failures longer ago than this do not count.',
  }).optional(),
  coolDown: duration({
    min: SECOND,
    max: DAY,
    default: '10m',
    description: 'From the opening of a hold to its first probe; doubles with every probe that fails.',
  }).optional(),
  maxCoolDown: duration({
    min: SECOND,
    max: DAY,
    default: '1h',
    description: 'Never longer than this; at least coolDown.',
  }).optional(),
  image: z
    .strictObject({
      failures: failures('Failed boots in a row of one image, wherever; 2 × failures without it.'),
      places: wholeNumber(1, 50)
        .optional()
        .meta({ description: 'On at least so many zone × type.', default: 3 }),
    })
    .optional()
    .meta({ description: 'When an image is held everywhere.' }),
  fleet: z
    .strictObject({
      failures: wholeNumber(1, MOST_FAILURES).meta({
        description: 'Failed boots in a row of one fleet, whatever and wherever.',
      }),
    })
    .optional()
    .meta({ description: 'When a whole fleet is held; without it never.' }),
})

/** Durations in ms. */
export type BreakerSettings = z.output<typeof breakerSchema>
