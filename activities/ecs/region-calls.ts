import type { InstanceQuery } from '../contract.ts'
import { DEFAULT_VISIBLE_AFTER_MS } from '../deps.ts'
import type { HostActivityDeps } from '../deps.ts'
import type { EcsApi } from './api.ts'
import type { FailureContext } from './failure.ts'
import { DEFAULT_GRID_MS, deleteSpacingMs } from './grid.ts'
import { createLook } from './look.ts'
import type { Look } from './look.ts'
import { createRemove } from './remove.ts'
import type { Remove } from './remove.ts'

/** The joined calls of one region; those of launches, of the other host activities and of sweeps are joined apart. */
export interface RegionCalls {
  ecs: EcsApi
  look: Look
  remove: Remove
}

/** What every ECS activity works with. */
export interface EcsWork {
  deps: HostActivityDeps
  gridMs: number
  visibleAfterMs: number
  region(name: string): RegionCalls
  /** How a failure of this host is reported to Temporal, as of now. */
  failureContext(input: Pick<InstanceQuery, 'key'>): FailureContext
}

export function createEcsWork(deps: HostActivityDeps): EcsWork {
  const gridMs = deps.cloudGridMs ?? DEFAULT_GRID_MS
  const regions = new Map<string, RegionCalls>()
  return {
    deps,
    gridMs,
    visibleAfterMs: deps.visibleAfterMs ?? DEFAULT_VISIBLE_AFTER_MS,
    region(name) {
      const known = regions.get(name)
      if (known) return known
      const ecs = deps.ecs(name)
      const { clock } = deps
      const made = {
        ecs,
        look: createLook({ ecs, gridMs, clock }),
        remove: createRemove({ ecs, clock, spacingMs: deleteSpacingMs(gridMs) }),
      }
      regions.set(name, made)
      return made
    },
    failureContext: ({ key }) => ({
      now: deps.clock(),
      gridMs,
      seed: `${key.host}/${key.generation}/${key.attempt}`,
    }),
  }
}
