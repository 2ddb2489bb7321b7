import { DEFAULT_BREAKER_RULES } from '../breaker/rules.ts'
import type { BreakerRules } from '../breaker/rules.ts'
import type { BreakerSettings } from './breaker-schema.ts'
import type { MusterConfig } from './types.ts'

/** The breaker's rules by fleet: what the fleet says over what the installation says. */
export function toBreakerRules({
  breaker,
  fleets,
}: Pick<MusterConfig, 'breaker' | 'fleets'>): (fleet: string) => BreakerRules {
  return (fleet) => rulesOf(mergeBreaker(breaker, fleets[fleet]?.breaker))
}

/** Fields of `image` are taken one by one, too. */
export function mergeBreaker(installation: BreakerSettings, fleet: BreakerSettings = {}): BreakerSettings {
  const image = { ...installation.image, ...fleet.image }
  return { ...installation, ...fleet, image }
}

/** With every default applied. */
export function rulesOf(said: BreakerSettings): BreakerRules {
  const usual = DEFAULT_BREAKER_RULES
  const failures = said.failures ?? usual.failures
  const coolDownMs = said.coolDown ?? usual.coolDownMs
  return {
    enabled: said.enabled ?? usual.enabled,
    failures,
    windowMs: said.window ?? usual.windowMs,
    coolDownMs,
    // Whoever makes the one longer must not have to name the other.
    maxCoolDownMs: said.maxCoolDown ?? Math.max(usual.maxCoolDownMs, coolDownMs),
    image: {
      failures: said.image?.failures ?? 2 * failures,
      places: said.image?.places ?? usual.image.places,
    },
    ...(said.fleet && { fleet: { failures: said.fleet.failures } }),
  }
}
