import { DEFAULT_POLICY } from './policy.ts'
import type { FleetInput, FleetNews, FleetState, SpecRef } from './types.ts'

/** `at`: workflow time, ms. Changes are counted from it, so that a fleet started again is newer than its former life. */
export function newFleetState(
  input: Pick<FleetInput, 'size' | 'specHash' | 'spec' | 'policy'> & Partial<Pick<FleetInput, 'api'>>,
  at: number,
): FleetState {
  return {
    desired: input.size,
    paused: false,
    specHash: input.specHash,
    spec: input.spec,
    policy: input.policy ?? DEFAULT_POLICY,
    ...(input.api && { api: input.api }),
    active: [],
    retiring: [],
    outdated: [],
    surge: [],
    marks: [],
    replacing: [],
    extra: 0,
    news: [],
    seq: at,
    note: `begins with a desired size of ${input.size}`,
  }
}

/** Why hosts come and go, for their journals. */
export const sizeWords = ({ desired, sizedBy }: Pick<FleetState, 'desired' | 'sizedBy'>): string =>
  `the fleet is to have ${desired} ${desired === 1 ? 'host' : 'hosts'}${sizedBy ? `, as ${sizedBy.by} has asked: ${sizedBy.why}` : ''}`

/** Who gives hosts another spec, and why, for their journals. */
export function specWords(
  fleet: string,
  { rollout, specBy }: Pick<FleetState, 'rollout' | 'specBy'>,
): { by: string; why: string } {
  const by = `fleet ${fleet}`
  if (rollout?.state === 'stopped')
    return {
      by,
      why: `the rollout of spec ${rollout.specHash} was stopped: ${rollout.reason ?? 'its hosts do not boot'}`,
    }
  return specBy ?? { by, why: 'it is the spec of the fleet now' }
}

/** More than these are dropped: the audit must not hold up the fleet. */
const MAX_NEWS = 50

/** The next state with a line for people that also goes to the audit. */
export const withNews = (state: FleetState, news: FleetNews): FleetState => ({
  ...state,
  seq: state.seq + 1,
  note: `${news.what}: ${news.why}`,
  news: [...state.news, news].slice(-MAX_NEWS),
})

/**
 * What hosts are started with: while a rollout is stopped because its hosts do not boot, the spec before it, so that a
 * lost host is not replaced with one that is known to be broken.
 */
export function specForStart({ rollout, previous, specHash, spec }: FleetState): SpecRef {
  if (rollout?.state !== 'stopped' || !previous || previous.isUnproven) return { specHash, spec }
  return { specHash: previous.specHash, spec: previous.spec }
}
