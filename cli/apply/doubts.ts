import type { SchedulePlan } from '../../domain/schedules/plan.ts'
import type { FleetChange } from '../stack/fleets.ts'

/** A fleet may lose this part of its hosts without a question. */
const UNASKED_PART = 0.2

/** What a person should agree to before it is done, a line each. */
export function doubtsOf(fleets: readonly FleetChange[], schedules: SchedulePlan): string[] {
  return [
    ...fleets.flatMap(shrinking),
    ...schedules.delete.map((name) => `schedule ${name} would be deleted`),
  ]
}

function shrinking({ fleet, formerSize, size }: FleetChange): string[] {
  if (formerSize === undefined) return []
  const retired = formerSize - size
  if (retired <= formerSize * UNASKED_PART) return []
  const part = Math.round((retired / formerSize) * 100)
  return [`fleet ${fleet} would retire ${retired} of its ${formerSize} hosts (${part} %)`]
}
