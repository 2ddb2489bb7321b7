import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../fleet/policy.ts'
import { parseConfig } from './parse-config.ts'
import { toFleetSpecs } from './to-fleet-specs.ts'

const file = (fields: string) => `
fleets:
  render:
    size: 10
    ${fields}
    hosts:
      image: m-1
      securityGroups: [sg-1]
      placements: [{ zone: cn-hangzhou-h, vSwitch: vsw-1, type: ecs.c7.large }]
`
const policyOf = (fields: string) => toFleetSpecs(parseConfig(file(fields), 'a.yaml'))[0]?.policy

describe('how a fleet changes its hosts', () => {
  it('is the usual way where nothing is said', () => {
    expect(policyOf('')).toEqual(DEFAULT_POLICY)
  })

  it('is read as numbers of hosts, shares and durations', () => {
    const rollout = 'rollout: { maxSurge: 2, maxUnavailable: 25%, onApply: roll, stopAfterFailures: 5 }'
    expect(policyOf(`${rollout}\n    overAsk: 10%\n    maxLifetime: 7d`)).toEqual({
      rollout: { maxSurge: 2, maxUnavailable: '25%', onApply: 'roll', stopAfterFailures: 5 },
      overAskPercent: 10,
      maxLifetimeMs: 7 * 24 * 3_600_000,
    })
  })

  it('is not part of the hosts’ spec', () => {
    const spec = (fields: string) => toFleetSpecs(parseConfig(file(fields), 'a.yaml'))[0]?.host
    expect(spec('maxLifetime: 7d')).toEqual(spec('overAsk: 20%'))
  })

  it.each([
    ['rollout: { maxSurge: -1 }', 'fleets.render.rollout.maxSurge: expected a whole number of hosts from 0'],
    [
      'rollout: { maxSurge: 101% }',
      'expected a whole number of hosts from 0 to 5000, or a share like 10%, found "101%"',
    ],
    ['rollout: { maxSurge: 0 }', 'fleets.render.rollout: expected maxSurge or maxUnavailable above 0'],
    [
      'rollout: { maxSurge: 0%, maxUnavailable: 0% }',
      'fleets.render.rollout: expected maxSurge or maxUnavailable',
    ],
    ['rollout: { onApply: now }', 'fleets.render.rollout.onApply: expected roll or nextLaunch, found "now"'],
    ['overAsk: 10', 'fleets.render.overAsk: expected a share from 0% to 100%, like 10%, found 10'],
    ['maxLifetime: 1m', 'fleets.render.maxLifetime: expected off, or a duration from 10m'],
    ['rollout: { maxSurg: 1 }', 'there is no such field; did you mean maxSurge?'],
  ])('is refused when it is wrong: %s', (fields, problem) => {
    expect(() => parseConfig(file(fields), 'a.yaml')).toThrow(problem)
  })
})
