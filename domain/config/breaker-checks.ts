import type { BreakerSettings } from './breaker-schema.ts'
import { durationText } from './duration.ts'
import type { Pieces } from './pieces.ts'
import type { Finding } from './problem.ts'
import { mergeBreaker, rulesOf } from './to-breaker-rules.ts'

/** Rules over several fields of the breaker, of the installation and of each fleet. */
export function breakerChecks({ breaker = {}, fleets }: Pieces): Finding[] {
  const own = check(breaker, ['breaker'])
  // What is wrong for the installation is wrong for every fleet: once is enough.
  if (own.length > 0) return own
  return Object.entries(fleets).flatMap(([name, fleet]) =>
    fleet.breaker ? check(mergeBreaker(breaker, fleet.breaker), ['fleets', name, 'breaker']) : [],
  )
}

function check(said: BreakerSettings, path: string[]): Finding[] {
  const { coolDownMs, maxCoolDownMs } = rulesOf(said)
  if (maxCoolDownMs >= coolDownMs) return []
  const message = `expected maxCoolDown of at least ${durationText(coolDownMs)} (coolDown), found ${durationText(maxCoolDownMs)}`
  return [{ path: [...path, 'maxCoolDown'], message }]
}
