import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICY, policyProblem, rolloutRoom, type Amount, type FleetPolicy } from './policy.ts'

const policy = (maxSurge: Amount, maxUnavailable: Amount): FleetPolicy => ({
  ...DEFAULT_POLICY,
  rollout: { ...DEFAULT_POLICY.rollout, maxSurge, maxUnavailable },
})

describe('the room of a rollout', () => {
  it.each<[Amount, Amount, number, { surge: number; unavailable: number }]>([
    ['10%', 0, 10, { surge: 1, unavailable: 0 }],
    ['10%', 0, 3, { surge: 1, unavailable: 0 }],
    ['10%', '10%', 25, { surge: 3, unavailable: 2 }],
    [0, '10%', 3, { surge: 1, unavailable: 0 }],
    [2, 1, 100, { surge: 2, unavailable: 1 }],
    ['10%', 0, 0, { surge: 1, unavailable: 0 }],
  ])('of surge %s and unavailable %s in a fleet of %i', (maxSurge, maxUnavailable, desired, room) => {
    expect(rolloutRoom(policy(maxSurge, maxUnavailable), desired)).toEqual(room)
  })
})

describe('a policy from outside', () => {
  it('is taken when it is right', () => {
    expect(policyProblem(DEFAULT_POLICY)).toBeUndefined()
  })

  it.each<[string, FleetPolicy, RegExp]>([
    ['room for nothing', policy(0, '0%'), /both 0/],
    ['an amount that is none', policy('many' as Amount, 0), /whole numbers/],
    ['more than everything asked beyond', { ...DEFAULT_POLICY, overAskPercent: 101 }, /0 to 100/],
    ['lives of a minute', { ...DEFAULT_POLICY, maxLifetimeMs: 60_000 }, /10 minutes/],
  ])('is refused for %s', (_what, wrong, words) => {
    expect(policyProblem(wrong)).toMatch(words)
  })
})
