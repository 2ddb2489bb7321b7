import type { SchedulePlan } from '../../domain/schedules/plan.ts'
import type { FleetChange } from '../stack/fleets.ts'

/** What a person should agree to before it is done, a line each. */
export const doubtsOf = (fleets: readonly FleetChange[], schedules: SchedulePlan): string[] => [
  ...fleets.flatMap(({ doubts }) => doubts),
  ...schedules.delete.map((name) => `schedule ${name} would be deleted`),
]
