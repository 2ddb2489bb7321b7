import { DEFAULT_SWEEP_POLICY } from '../../domain/sweep/types.ts'
import type { SweepInput, SweepOrder } from '../../domain/sweep/types.ts'
import type { SweepActivities } from '../contract.ts'
import { DEFAULT_GRID_MS, deleteSpacingMs } from '../ecs/grid.ts'
import { createLook } from '../ecs/look.ts'
import { createRemove } from '../ecs/remove.ts'
import type { SweepCloud } from './carry-out.ts'
import type { SweepActivityDeps } from './deps.ts'
import { sweepOrphans } from './sweep-orphans.ts'

export type { SweepActivityDeps } from './deps.ts'

/** Queue `ecs:<region>`. Make it once per process: looks and deletes are joined within what this returns. */
export function createSweepActivities(deps: SweepActivityDeps): SweepActivities {
  const gridMs = deps.cloudGridMs ?? DEFAULT_GRID_MS
  const regions = new Map<string, SweepCloud>()

  function cloudOf(region: string): SweepCloud {
    const known = regions.get(region)
    if (known) return known
    const ecs = deps.ecs(region)
    const { clock } = deps
    const made = {
      ecs,
      look: createLook({ ecs, gridMs, clock }),
      remove: createRemove({ ecs, clock, spacingMs: deleteSpacingMs(gridMs) }),
    }
    regions.set(region, made)
    return made
  }
  return { sweepOrphans: (input) => sweepOrphans(deps, cloudOf(input.region), orderOf(deps, input)) }
}

const orderOf = ({ sweep }: SweepActivityDeps, input: SweepInput): SweepOrder => ({
  ...input,
  policy: { ...DEFAULT_SWEEP_POLICY, ...sweep, ...input.policy },
  dryRun: input.dryRun ?? false,
})
