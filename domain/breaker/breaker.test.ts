import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '../testing/property-runs.ts'
import { holdState, stopsUntil, subjectText, touches } from './hold.ts'
import type { Hold } from './hold.ts'
import { DEFAULT_BREAKER_RULES, coolDownAfter, lookAgainMs, probeEndsAt } from './rules.ts'
import type { BreakerRules } from './rules.ts'
import { settle } from './settle.ts'
import type { BootOutcome, Streaks } from './settle.ts'
import { streakOf } from './streak.ts'
import { Model } from './testing/model.ts'

const NOW = 1_800_000_000_000
const MINUTE = 60_000
const RULES: BreakerRules = { ...DEFAULT_BREAKER_RULES, fleet: { failures: 12 } }
const NONE: Streaks = {
  placement: { failures: 0, places: 0 },
  image: { failures: 0, places: 0 },
  fleet: { failures: 0, places: 0 },
}

const outcome = (change: Partial<BootOutcome> = {}): BootOutcome => ({
  host: 'render/00001',
  generation: 'g',
  attempt: 1,
  region: 'cn-hangzhou',
  imageId: 'm-1',
  zone: 'h',
  instanceType: 'ecs.c7.large',
  fleet: 'render',
  launchedAt: NOW,
  outcome: 'failed',
  why: 'mute for 20:00',
  ...change,
})

const hold = (change: Partial<Hold> = {}): Hold => ({
  id: 7,
  scope: 'placement',
  imageId: 'm-1',
  zone: 'h',
  instanceType: 'ecs.c7.large',
  reason: 'boots fail',
  openedAt: NOW - 15 * MINUTE,
  until: NOW - 5 * MINUTE,
  failedProbes: 0,
  ...change,
})

const ask = (change: Partial<Parameters<typeof settle>[0]> = {}) =>
  settle({ outcome: outcome(), holds: [], streaks: NONE, rules: RULES, now: NOW, ...change })

describe('a failed boot', () => {
  test('opens a hold on its image × zone × type at the fifth in a row, for ten minutes', () => {
    expect(ask({ streaks: { ...NONE, placement: { failures: 4, places: 1 } } })).toEqual([])
    expect(ask({ streaks: { ...NONE, placement: { failures: 5, places: 1 } } })).toEqual([
      {
        kind: 'opened',
        hold: {
          scope: 'placement',
          imageId: 'm-1',
          zone: 'h',
          instanceType: 'ecs.c7.large',
          reason: '5 boots in a row failed within 30:00, the last: mute for 20:00',
          openedAt: NOW,
          until: NOW + 10 * MINUTE,
          failedProbes: 0,
        },
      },
    ])
  })

  test('opens a hold on the image at the tenth, when they were on three places at least', () => {
    const image = (failures: number, places: number) => ({ ...NONE, image: { failures, places } })
    expect(ask({ streaks: image(9, 3) })).toEqual([])
    expect(ask({ streaks: image(40, 2) })).toEqual([])
    expect(ask({ streaks: image(10, 3) })).toMatchObject([
      {
        kind: 'opened',
        hold: { scope: 'image', imageId: 'm-1', reason: expect.stringMatching(/10 boots .* on 3 places/) },
      },
    ])
  })

  test('opens a hold on the fleet only where that is configured', () => {
    const streaks = { ...NONE, fleet: { failures: 12, places: 3 } }
    expect(ask({ streaks })).toMatchObject([{ hold: { scope: 'fleet', fleet: 'render' } }])
    expect(ask({ streaks, rules: DEFAULT_BREAKER_RULES })).toEqual([])
  })

  test('opens nothing twice, nothing where the breaker is off, and moves no cool-down when it is no probe', () => {
    const streaks = { ...NONE, placement: { failures: 9, places: 1 } }
    expect(ask({ streaks, holds: [hold()] })).toEqual([])
    expect(ask({ streaks, rules: { ...RULES, enabled: false } })).toEqual([])
    const probed = hold({ probe: { host: 'render/00002', generation: 'g', attempt: 1, until: NOW + 1 } })
    expect(ask({ streaks, holds: [probed] })).toEqual([])
  })

  test('of the probe opens its holds again for twice as long, at most an hour', () => {
    const probe = { host: 'render/00001', generation: 'g', attempt: 1, until: NOW - 1 }
    const untils = [0, 1, 2, 3, 200].map((failedProbes) => {
      const [change] = ask({ holds: [hold({ probe, failedProbes })] })
      expect(change).toMatchObject({ kind: 'reopened', hold: { id: 7, failedProbes: failedProbes + 1 } })
      expect(change?.hold).not.toHaveProperty('probe')
      return ((change?.hold.until ?? 0) - NOW) / MINUTE
    })
    expect(untils).toEqual([20, 40, 60, 60, 60])
  })
})

describe('a success', () => {
  test('closes every hold it touches, whoever probes, and no other', () => {
    const probe = { host: 'render/00009', generation: 'g', attempt: 1, until: NOW + MINUTE }
    const holds = [
      hold({ id: 1, probe }),
      hold({ id: 2, zone: 'i' }),
      { ...hold({ id: 3, scope: 'image' }), zone: undefined, instanceType: undefined } as never,
      hold({ id: 4, scope: 'fleet', fleet: 'render' }),
      hold({ id: 5, scope: 'fleet', fleet: 'other' }),
    ]
    const changes = ask({ outcome: outcome({ outcome: 'ready' }), holds, streaks: NONE })
    expect(changes.map(({ kind, hold: closed }) => [kind, 'id' in closed && closed.id])).toEqual([
      ['closed', 1],
      ['closed', 3],
      ['closed', 4],
    ])
  })
})

describe('a streak', () => {
  const boot = (at: number, result: 'ready' | 'failed' = 'failed', zone = 'h', launchedAt = at) => ({
    at,
    launchedAt,
    outcome: result,
    zone,
    instanceType: 't',
  })

  test('counts to the last success and to the instant, and the places', () => {
    expect(streakOf([], 0)).toEqual({ failures: 0, places: 0 })
    expect(streakOf([boot(5), boot(4, 'failed', 'i'), boot(3)], 0)).toEqual({ failures: 3, places: 2 })
    expect(streakOf([boot(5), boot(4, 'ready'), boot(3)], 0)).toEqual({ failures: 1, places: 1 })
    expect(streakOf([boot(5), boot(4), boot(3)], 4)).toEqual({ failures: 1, places: 1 })
    expect(streakOf([boot(5, 'ready'), boot(4)], 0)).toEqual({ failures: 0, places: 0 })
  })

  test('is of launches: mute hosts end long after the others that were launched with them, and say nothing of the place', () => {
    const launches = Array.from({ length: 60 }, (_, launchedAt) => launchedAt)
    const boots = launches.map((launchedAt) =>
      launchedAt % 10 === 5
        ? boot(1_200 + launchedAt, 'failed', 'h', launchedAt)
        : boot(45 + launchedAt, 'ready', 'h', launchedAt),
    )
    expect(streakOf(boots, 0)).toEqual({ failures: 0, places: 0 })
    const later = [60, 61, 62].map((launchedAt) => boot(1_200 + launchedAt, 'failed', 'h', launchedAt))
    expect(streakOf([...boots, ...later], 0)).toEqual({ failures: 3, places: 1 })
  })
})

test('a hold says what it stops', () => {
  expect(subjectText(hold())).toBe('m-1 on ecs.c7.large in h')
  expect(subjectText({ scope: 'placement' })).toBe('every image on every type in every zone')
  expect(touches({ scope: 'placement' }, outcome())).toBe(true)
  expect(touches(hold({ zone: 'i' }), outcome())).toBe(false)
})

test('a hold is half-open while its probe has its time', () => {
  const key = { host: 'render/00001', generation: 'g', attempt: 1 }
  const probed = hold({ probe: { ...key, until: NOW + 5 } })
  expect([holdState(probed, NOW), holdState(probed, NOW + 5), holdState(hold(), NOW)]).toEqual([
    'half-open',
    'open',
    'open',
  ])
  expect(stopsUntil(probed, key, NOW)).toBeUndefined()
  expect(stopsUntil(probed, { ...key, attempt: 2 }, NOW)).toBe(NOW + 5)
  expect(stopsUntil(hold({ until: NOW + 1 }), key, NOW)).toBe(NOW + 1)
})

test('pauses: the cool-down doubles to its limit, looks are a tenth of it within a second and a minute', () => {
  expect([0, 1, 2, 3].map((failed) => coolDownAfter(RULES, failed) / MINUTE)).toEqual([10, 20, 40, 60])
  expect([2, 30, 600, 3_600].map((s) => lookAgainMs({ ...RULES, coolDownMs: s * 1_000 }))).toEqual([
    1_000, 3_000, 60_000, 60_000,
  ])
  expect(probeEndsAt(NOW, 20 * MINUTE)).toBe(NOW + 22 * MINUTE)
})

describe('whatever happens', () => {
  const rules: BreakerRules = {
    enabled: true,
    failures: 2,
    windowMs: 20 * MINUTE,
    coolDownMs: 4 * MINUTE,
    maxCoolDownMs: 16 * MINUTE,
    image: { failures: 4, places: 2 },
    fleet: { failures: 5 },
  }
  const what = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('plan' as const), slot: fc.nat(11) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('failed' as const), slot: fc.nat(11) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('ready' as const), slot: fc.nat(11) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('retired' as const), slot: fc.nat(11) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('lost' as const), slot: fc.nat(11) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), slot: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), slot: fc.nat(6 * MINUTE) }) },
  )

  /** Without a size fast-check stops at ten steps. */
  const LONG = { maxLength: 300, size: 'max' } as const
  const CHANGES = ['opened', 'reopened', 'reopened again', 'closed']
  const OF_HOLDS = ['placement', 'image', 'fleet'].flatMap((scope) =>
    CHANGES.map((change) => `${scope} ${change}`),
  )
  const WANTED = [...OF_HOLDS, 'probe', 'probe given up', 'probe taken over', 'released']

  test('a hold has one probe at most, one a cool-down, and ends by a success or a person alone', () => {
    const times = Object.fromEntries(WANTED.map((word) => [word, 0]))
    fc.assert(
      fc.property(fc.array(what, LONG), (steps) => {
        const model = new Model(rules, NOW)
        for (const step of steps) {
          for (const word of model.carryOut(step)) times[word] = (times[word] ?? Number.NaN) + 1
          model.check()
        }
      }),
      propertyRuns(1, 600),
    )
    const rare = Object.entries(times).filter(([, count]) => !(count >= 5))
    expect(rare, 'what hardly came about, or is new').toEqual([])
  })
})
