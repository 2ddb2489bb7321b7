import { z } from 'zod'
import { DEFAULT_POLICY, MIN_LIFETIME_MS, type Amount, type FleetPolicy } from '../fleet/policy.ts'
import { MAX_FLEET_SIZE } from '../spec.ts'
import { durationOrOff, wholeNumber } from './fields.ts'
import type { Finding } from './problem.ts'

const DAY_MS = 24 * 3600_000
const SHARE = /^(100|\d{1,2})%$/
const AMOUNT = `expected a whole number of hosts from 0 to ${MAX_FLEET_SIZE}, or a share like 10%`
const PERCENT = 'expected a share from 0% to 100%, like 10%'

const amount = (description: string, standard: Amount) =>
  z
    .union(
      [
        z.int({ error: AMOUNT }).min(0, { error: AMOUNT }).max(MAX_FLEET_SIZE, { error: AMOUNT }),
        z
          .string({ error: AMOUNT })
          .regex(SHARE, { error: AMOUNT })
          .transform((value) => value as Amount),
      ],
      { error: AMOUNT },
    )
    .optional()
    .meta({ description, default: standard })

/** How a fleet changes its hosts: not part of their spec, so that changing it launches nothing. */
export const rolloutFields = {
  rollout: z
    .strictObject({
      maxSurge: amount(
        'Hosts beyond the size while others are replaced; a share is rounded up.',
        DEFAULT_POLICY.rollout.maxSurge,
      ),
      maxUnavailable: amount(
        'Ready hosts that may be missing while others are replaced; a share is rounded down.',
        DEFAULT_POLICY.rollout.maxUnavailable,
      ),
      onApply: z.enum(['roll', 'nextLaunch']).optional().meta({
        description:
          'nextLaunch: a new spec takes effect with each host’s next launch; roll: hosts are replaced at once, in turn.',
        default: DEFAULT_POLICY.rollout.onApply,
      }),
      stopAfterFailures: wholeNumber(1, 1_000).optional().meta({
        description: 'Failed boots of a new spec, without a success between, that stop its rollout.',
        default: DEFAULT_POLICY.rollout.stopAfterFailures,
      }),
    })
    .optional()
    .meta({ description: 'How hosts are brought to a new spec.' }),
  overAsk: z.string({ error: PERCENT }).regex(SHARE, { error: PERCENT }).optional().meta({
    description: 'Hosts asked for beyond those that are missing; the slowest go once enough are ready.',
    default: '0%',
  }),
  maxLifetime: durationOrOff({
    min: MIN_LIFETIME_MS,
    max: 365 * DAY_MS,
    description: 'Hosts that are ready for longer are replaced in turn, each up to a tenth earlier.',
  }).optional(),
}

/** What the file says of a fleet's changes. */
export type RolloutSettings = z.output<z.ZodObject<typeof rolloutFields>>

/** With every default applied. */
export function toFleetPolicy({
  rollout = {},
  overAsk = '0%',
  maxLifetime = 0,
}: RolloutSettings): FleetPolicy {
  const usual = DEFAULT_POLICY.rollout
  return {
    rollout: {
      maxSurge: rollout.maxSurge ?? usual.maxSurge,
      maxUnavailable: rollout.maxUnavailable ?? usual.maxUnavailable,
      onApply: rollout.onApply ?? usual.onApply,
      stopAfterFailures: rollout.stopAfterFailures ?? usual.stopAfterFailures,
    },
    overAskPercent: Number.parseInt(overAsk, 10),
    ...(maxLifetime > 0 && { maxLifetimeMs: maxLifetime }),
  }
}

/** Rules over several fields. */
export function rolloutChecks({ fleets }: { fleets: Record<string, RolloutSettings> }): Finding[] {
  return Object.entries(fleets).flatMap(([name, fleet]) => {
    const { maxSurge, maxUnavailable } = toFleetPolicy(fleet).rollout
    if (!isNone(maxSurge) || !isNone(maxUnavailable)) return []
    const message =
      'expected maxSurge or maxUnavailable above 0: with neither a host too many nor one too few none can be replaced'
    return [{ path: ['fleets', name, 'rollout'], message }]
  })
}

const isNone = (value: Amount): boolean => Number.parseInt(String(value), 10) === 0
