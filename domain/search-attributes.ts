import type { HostState } from './host/types.ts'

/** Search attributes of host workflows and their Temporal types, as `muster temporal setup` registers them. */
export const SEARCH_ATTRIBUTES = {
  MusterFleet: 'Keyword',
  MusterPhase: 'Keyword',
  MusterZone: 'Keyword',
  MusterInstanceType: 'Keyword',
  MusterInstanceId: 'Keyword',
  MusterPrivateIp: 'Keyword',
  MusterImage: 'Keyword',
  MusterFailure: 'Keyword',
  MusterAttempt: 'Int',
  MusterReadyAt: 'Datetime',
} as const satisfies Record<string, 'Keyword' | 'Int' | 'Datetime'>

export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES

/** What a host's search attributes should say; undefined: nothing. */
export function hostAttributes(state: HostState) {
  const { current, spec } = state
  return {
    MusterPhase: state.phase,
    MusterZone: current.placement?.zone,
    MusterInstanceType: current.placement?.instanceType,
    MusterInstanceId: current.instanceId,
    MusterPrivateIp: current.privateIp,
    MusterImage: spec.imageId,
    MusterFailure: state.lastFailure,
    MusterAttempt: current.n,
    MusterReadyAt: state.readyAt === undefined ? undefined : new Date(state.readyAt),
  }
}
