import { expect, test } from 'vitest'
import { DEFAULT_BREAKER_RULES } from '../breaker/rules.ts'
import { parseConfig, toBreakerRules } from './index.ts'

const rulesOf = (text: string, fleet = 'a') => toBreakerRules(parseConfig(text, 'muster.yaml'))(fleet)

const FLEETS = `
defaults:
  image: m-1
  securityGroups: [sg-1]
  placements: [{ zone: cn-hangzhou-h, vSwitch: vsw-1, type: ecs.g7.large }]
fleets:
  a: { size: 1, breaker: { failures: 3, coolDown: 2h, image: { places: 4 } } }
  b: { size: 1 }
`

test('a config that says nothing has the usual rules', () => {
  expect(rulesOf('{}')).toEqual(DEFAULT_BREAKER_RULES)
})

test('twice as many failures hold the image unless it is said otherwise, and the limit follows the cool-down', () => {
  expect(rulesOf('breaker: { failures: 3, coolDown: 3h }')).toMatchObject({
    failures: 3,
    coolDownMs: 3 * 3_600_000,
    maxCoolDownMs: 3 * 3_600_000,
    image: { failures: 6, places: 3 },
  })
  expect(rulesOf('breaker: { image: { failures: 7 } }').image).toEqual({ failures: 7, places: 3 })
})

test('a fleet says over the installation, field by field', () => {
  const text = `breaker: { window: 1h, image: { failures: 9 }, fleet: { failures: 50 } }\n${FLEETS}`
  expect(rulesOf(text, 'a')).toEqual({
    enabled: true,
    failures: 3,
    windowMs: 3_600_000,
    coolDownMs: 2 * 3_600_000,
    maxCoolDownMs: 2 * 3_600_000,
    image: { failures: 9, places: 4 },
    fleet: { failures: 50 },
  })
  expect(rulesOf(text, 'b')).toMatchObject({ failures: 5, image: { failures: 9, places: 3 } })
  expect(rulesOf(`breaker: { enabled: false }\n${FLEETS}`, 'a').enabled).toBe(false)
})
