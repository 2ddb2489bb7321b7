import { COMPONENT_STATUSES, type ComponentStatus, type Condition, type GivenStatus } from './types.ts'

export interface ComponentQuestion {
  conditions: Pick<Condition, 'fleets' | 'status'>[]
  /** Fleet → id of its component. Several fleets may share one. */
  components: Readonly<Record<string, string>>
  /** What we have last made of each, by id; absent: nothing. */
  given: ReadonlyMap<string, GivenStatus>
  /** What each is on the page, by id. */
  actual: ReadonlyMap<string, ComponentStatus>
}

export type ComponentStep =
  | { kind: 'set'; id: string; status: ComponentStatus }
  /** Nothing of ours is left on it: no call. */
  | { kind: 'leave'; id: string }

export interface ComponentPlan {
  steps: ComponentStep[]
  /** Fleets of the config whose component the page does not have. */
  missing: { fleet: string; id: string }[]
}

/**
 * What makes components show the state of the fleets: each gets the status of the worst of its fleets. What people set
 * on the page is respected: components under maintenance are left alone, and what was set by hand, whether before or
 * after us, is neither degraded nor changed back nor set to operational.
 */
export function planComponents({ conditions, components, given, actual }: ComponentQuestion): ComponentPlan {
  const wanted = wantedStatuses(conditions, components)
  const ids = new Set([...Object.values(components), ...given.keys()])
  const steps = [...ids].toSorted().flatMap((id): ComponentStep[] => {
    const is = actual.get(id)
    const gave = given.get(id)
    const status = wanted.get(id)
    // A component that is gone has no status to give back.
    if (is === undefined) return gave !== undefined && status === undefined ? [{ kind: 'leave', id }] : []
    if (status !== undefined) {
      const isGiven = gave?.status === status && gave.asked === undefined
      return isGiven || !isOurs(is, gave) ? [] : [{ kind: 'set', id, status }]
    }
    if (gave === undefined) return []
    return isOurs(is, gave) ? [{ kind: 'set', id, status: 'operational' }] : [{ kind: 'leave', id }]
  })
  const missing = Object.entries(components).flatMap(([fleet, id]) => (actual.has(id) ? [] : [{ fleet, id }]))
  return { steps, missing }
}

/** Whole as we found it, or as we have made it; anything else on the page is somebody's word. */
const isOurs = (is: ComponentStatus, gave: GivenStatus = {}): boolean =>
  gave.asked?.includes(is) === true || is === (gave.status ?? 'operational')

function wantedStatuses(
  conditions: ComponentQuestion['conditions'],
  components: ComponentQuestion['components'],
): Map<string, ComponentStatus> {
  const worst = new Map<string, ComponentStatus>()
  for (const { fleets, status } of conditions) {
    for (const fleet of fleets) {
      const id = Object.hasOwn(components, fleet) ? components[fleet] : undefined
      if (id === undefined) continue
      const before = worst.get(id)
      if (before === undefined || rank(status) > rank(before)) worst.set(id, status)
    }
  }
  return worst
}

const rank = (status: ComponentStatus): number => COMPONENT_STATUSES.indexOf(status)
