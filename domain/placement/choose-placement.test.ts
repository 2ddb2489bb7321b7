import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Hold } from '../breaker/hold.ts'
import type { Placement } from '../spec.ts'
import { propertyRuns } from '../testing/property-runs.ts'
import { choosePlacement } from './choose-placement.ts'
import type { PlacementQuestion } from './choose-placement.ts'
import { fraction } from './hash.ts'
import type { NotedPlace } from './obstacle.ts'
import { RECENT_FAILURES_MS, weightNow } from './weight.ts'

const NOW = 1_800_000_000_000
const LOOK_MS = 60_000
const KEY = { host: 'render/00001', generation: 'a', attempt: 1 }
const place = (zone: string, instanceType = 'ecs.c7.large', rest: Partial<Placement> = {}): Placement => ({
  zone,
  vSwitchId: `vsw-${zone}`,
  instanceType,
  ...rest,
})
const note = (zone: string, inMs: number, spot = false): NotedPlace => ({
  zone,
  instanceType: 'ecs.c7.large',
  spot,
  code: 'OperationDenied.NoStock',
  until: NOW + inMs,
})

function ask(
  placements: Placement[],
  change: Partial<PlacementQuestion> & { policy?: 'order' | 'weighted' } = {},
) {
  const { policy = 'order', ...rest } = change
  const spec = { imageId: 'm-1', placements, placementPolicy: policy }
  return choosePlacement({
    spec,
    fleet: 'render',
    notes: [],
    holds: [],
    recentFailures: [],
    lookAgainMs: LOOK_MS,
    key: KEY,
    now: NOW,
    seed: 'render/00001/a/1/1',
    ...rest,
  })
}

describe('by order', () => {
  test('takes the first placement', () => {
    expect(ask([place('a'), place('b')])).toEqual({ outcome: 'placed', placement: place('a'), probes: [] })
  })

  test('tries the third when two zones are without stock', () => {
    const answer = ask([place('a'), place('b'), place('c')], {
      notes: [note('a', 60_000), note('b', 60_000)],
    })
    expect(answer).toMatchObject({ outcome: 'placed', placement: place('c') })
  })

  test('takes spot and on-demand for different places', () => {
    const both = [place('a', 'ecs.c7.large', { spot: {} }), place('a')]
    expect(ask(both, { notes: [note('a', 60_000, true)] })).toMatchObject({ placement: both[1] })
    expect(ask(both, { notes: [note('a', 60_000, false)] })).toMatchObject({ placement: both[0] })
  })

  test('waits until the earliest note ends when all are noted', () => {
    const answer = ask([place('a'), place('b')], { notes: [note('a', 90_000), note('b', 40_000)] })
    expect(answer).toMatchObject({ outcome: 'wait', waitMs: 40_000, cause: 'capacity' })
    expect(answer).toHaveProperty('reason', expect.stringContaining('ecs.c7.large in a had no stock'))
  })

  test('does not mind notes of the past', () => {
    expect(ask([place('a')], { notes: [note('a', 0), note('a', -5)] })).toMatchObject({ outcome: 'placed' })
  })
})

describe('after boots of this host that failed', () => {
  const places = [place('a'), place('b'), place('c')]
  const next = (...failed: string[]) => {
    const answer = ask(places, { failedAt: failed.map((zone) => place(zone)) })
    return answer.outcome === 'placed' && answer.placement.zone
  }

  test.each([
    [[], 'a'],
    [['a'], 'b'],
    [['a', 'b'], 'c'],
    [['a', 'b', 'c'], 'a'],
    [['a', 'b', 'c', 'a'], 'b'],
    [['gone'], 'a'],
  ])('at %j the next is in %s', (failed, zone) => {
    expect(next(...failed)).toBe(zone)
  })

  test('a place that is held stays held, and the only free one is used again', () => {
    const notes = [note('b', 60_000), note('c', 60_000)]
    expect(ask(places, { failedAt: [place('a')], notes })).toMatchObject({ placement: place('a') })
  })

  test('spot and on-demand are two places', () => {
    const spot = place('a', 'ecs.c7.large', { spot: {} })
    const answer = ask([spot, place('a')], { failedAt: [{ ...spot }] })
    expect(answer).toMatchObject({ placement: place('a') })
  })
})

test('a failure of an on-demand instance is none of the spot one beside it, by order', () => {
  const spot = place('a', 'ecs.c7.large', { spot: {} })
  const answer = ask([spot, place('a'), place('b')], { failedAt: [place('a')] })
  expect(answer).toMatchObject({ placement: spot })
})

describe('after launches of this attempt that were refused for their place', () => {
  const places = [place('a'), place('b'), place('c')]

  test.each([
    [['a'], [], 'b'],
    [['a', 'b'], [], 'c'],
    [['a', 'b', 'c'], [], 'a'],
    [['b', 'c', 'a'], [], 'b'],
    [['a'], ['b'], 'c'],
    [['a'], ['b', 'c'], 'b'],
  ])('at %j, boots having failed at %j, the next by order is in %s', (refused, failed, zone) => {
    const answer = ask(places, {
      refusedAt: refused.map((one) => place(one)),
      failedAt: failed.map((one) => place(one)),
    })
    expect(answer).toMatchObject({ placement: { zone } })
  })

  test('none of them is drawn by weight while another is free', () => {
    const weighted = { placements: places, placementPolicy: 'weighted' as const, imageId: 'm-1' }
    const zones = Array.from({ length: 40 }, (_, seed) => {
      const answer = ask(places, { spec: weighted, refusedAt: [place('a'), place('c')], seed: `${seed}` })
      return answer.outcome === 'placed' && answer.placement.zone
    })
    expect(new Set(zones)).toEqual(new Set(['b']))
  })
})

describe('holds', () => {
  const hold = (scope: Hold['scope'], rest: Partial<Hold>): Hold => ({
    id: 1,
    scope,
    reason: '5 boots failed',
    openedAt: NOW - 60_000,
    until: NOW + 30_000,
    failedProbes: 0,
    ...rest,
  })
  const onA = { imageId: 'm-1', zone: 'a', instanceType: 'ecs.c7.large' }
  const other = { host: 'render/00002', generation: 'b', attempt: 3 }

  test.each<[string, Hold, string]>([
    ['its fleet', hold('fleet', { fleet: 'render' }), 'fleet render is held: 5 boots failed'],
    ['its image', hold('image', { imageId: 'm-1' }), 'image m-1 is held: 5 boots failed'],
    ['its placement', hold('placement', onA), 'm-1 on ecs.c7.large in a is held: 5 boots failed'],
  ])('on %s makes the host wait and says why', (_name, held, reason) => {
    expect(ask([place('a')], { holds: [held] })).toEqual({
      outcome: 'wait',
      waitMs: 30_000,
      cause: 'hold',
      reason: `no placement is free: ${reason}`,
    })
  })

  test.each<[string, Hold]>([
    ['another fleet', hold('fleet', { fleet: 'other' })],
    ['another image', hold('image', { imageId: 'm-2' })],
    ['another zone', hold('placement', { ...onA, zone: 'b' })],
    ['another type', hold('placement', { ...onA, instanceType: 'ecs.g7.large' })],
    ['another image in the same zone', hold('placement', { imageId: 'm-2', zone: 'a' })],
  ])('on %s change nothing', (_name, held) => {
    expect(ask([place('a')], { holds: [held] })).toMatchObject({ outcome: 'placed', probes: [] })
  })

  test('on one placement leave the next one', () => {
    expect(ask([place('a'), place('b')], { holds: [hold('placement', onA)] })).toMatchObject({
      placement: place('b'),
      probes: [],
    })
  })

  test('bind longer than a note that ends before', () => {
    const answer = ask([place('a')], {
      holds: [hold('fleet', { fleet: 'render' })],
      notes: [note('a', 10_000)],
    })
    expect(answer).toMatchObject({ outcome: 'wait', waitMs: 30_000, cause: 'hold' })
  })

  test('that have cooled down let a place be probed, all of them together', () => {
    const holds = [
      hold('placement', { ...onA, until: NOW }),
      hold('image', { id: 2, imageId: 'm-1', until: NOW - 1 }),
      hold('image', { id: 3, imageId: 'm-2', until: NOW - 1 }),
    ]
    expect(ask([place('a')], { holds })).toMatchObject({ outcome: 'placed', probes: [1, 2] })
    expect(ask([place('a'), place('b')], { holds }), 'what is held less').toMatchObject({ probes: [2] })
    const own = holds.slice(0, 1)
    expect(ask([place('a'), place('b')], { holds: own }), 'in order').toMatchObject({ probes: [1] })
    expect(ask([place('b')], { holds })).toMatchObject({ outcome: 'placed', probes: [2] })
    const young = [...holds, hold('fleet', { id: 4, fleet: 'render' })]
    expect(ask([place('a')], { holds: young })).toMatchObject({ outcome: 'wait', waitMs: 30_000 })
  })

  test('that another attempt probes stop all others, and not itself, until the probe is given up', () => {
    const probed = hold('placement', { ...onA, until: NOW - 1, probe: { ...other, until: NOW + 20_000 } })
    expect(ask([place('a')], { holds: [probed] })).toMatchObject({
      outcome: 'wait',
      waitMs: 20_000,
      reason: expect.stringContaining('is held, render/00002 probes: 5 boots failed'),
    })
    expect(ask([place('a')], { holds: [probed], key: other })).toMatchObject({ probes: [1] })
    const next = { ...other, attempt: 4 }
    expect(ask([place('a')], { holds: [probed], key: next })).toMatchObject({ outcome: 'wait' })
    expect(ask([place('a')], { holds: [probed], now: NOW + 20_000 })).toMatchObject({ probes: [1] })
  })

  test('are asked about again before their time, by each host at another moment', () => {
    const holds = [hold('image', { imageId: 'm-1', until: NOW + 3_600_000 })]
    const waits = Array.from({ length: 50 }, (_, slot) => {
      const answer = ask([place('a')], { holds, key: { ...KEY, host: `render/${slot}` } })
      return answer.outcome === 'wait' ? answer.waitMs : 0
    })
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(LOOK_MS)
    expect(Math.max(...waits)).toBeLessThan(2 * LOOK_MS)
    expect(new Set(waits).size).toBeGreaterThan(40)
  })
})

describe('by weight', () => {
  test('draws in proportion, and the same for the same seed', () => {
    const weighted = [place('a', 'ecs.c7.large', { weight: 3 }), place('b')]
    const zones = Array.from({ length: 4_000 }, (_, index) => {
      const seed = `render/${String(index).padStart(5, '0')}/g/1/1`
      const answer = ask(weighted, { policy: 'weighted', seed })
      expect(ask(weighted, { policy: 'weighted', seed })).toEqual(answer)
      return answer.outcome === 'placed' ? answer.placement.zone : ''
    })
    const share = zones.filter((zone) => zone === 'a').length / zones.length
    expect(share).toBeGreaterThan(0.71)
    expect(share).toBeLessThan(0.79)
  })

  test('halves a share for every trouble of the last half hour, and never takes it all', () => {
    const spot = place('a', 'ecs.c7.large', { spot: {}, weight: 8 })
    const at = { zone: 'a', instanceType: 'ecs.c7.large' }
    expect(weightNow(spot, [])).toBe(8)
    expect(weightNow(spot, [{ ...at, count: 1 }])).toBe(4)
    expect(
      weightNow(spot, [
        { ...at, spot: true, count: 2 },
        { ...at, count: 1 },
      ]),
    ).toBe(1)
    expect(weightNow(spot, [{ ...at, spot: false, count: 5 }])).toBe(8)
    expect(weightNow(spot, [{ ...at, zone: 'b', count: 5 }])).toBe(8)
    expect(weightNow(spot, [{ ...at, count: 1_000 }])).toBe(8 / 64)
    expect(RECENT_FAILURES_MS).toBe(30 * 60_000)
  })

  test('sends fewer launches to a place in trouble', () => {
    const both = [place('a'), place('b')]
    const recentFailures = [{ zone: 'a', instanceType: 'ecs.c7.large', count: 2 }]
    const zones = Array.from({ length: 2_000 }, (_, index) => {
      const answer = ask(both, { policy: 'weighted', seed: `s/${index}`, recentFailures })
      return answer.outcome === 'placed' ? answer.placement.zone : ''
    })
    const share = zones.filter((zone) => zone === 'a').length / zones.length
    expect(share).toBeGreaterThan(0.16)
    expect(share).toBeLessThan(0.24)
  })
})

describe.each(['order', 'weighted'] as const)('spot with a fallback, by policy %s', (policy) => {
  const spot = ['a', 'b'].map((zone) => place(zone, 'ecs.c7.large', { spot: {} }))
  const fallback = ['a', 'b'].map((zone) => place(zone, 'ecs.c7.large', { fallback: true }))
  const isSpot = (notes: NotedPlace[], now = NOW) => {
    const draws = Array.from({ length: 200 }, (_, index) =>
      ask([...spot, ...fallback], { policy, notes, now, seed: `s/${index}` }),
    )
    return new Set(draws.map((answer) => answer.outcome === 'placed' && answer.placement.spot !== undefined))
  }

  test('takes on-demand only while no spot is to be had, and spot again afterwards', () => {
    expect(isSpot([])).toEqual(new Set([true]))
    expect(isSpot([note('a', 60_000, true)])).toEqual(new Set([true]))
    const none = [note('a', 60_000, true), note('b', 60_000, true)]
    expect(isSpot(none)).toEqual(new Set([false]))
    expect(isSpot(none, NOW + 60_000)).toEqual(new Set([true]))
  })
})

test('fractions of neighbouring texts are spread evenly', () => {
  const tenths = Array.from({ length: 10 }, () => 0)
  for (let index = 0; index < 10_000; index++) {
    const tenth = Math.floor(fraction(`render/${index}`) * 10)
    tenths[tenth] = (tenths[tenth] ?? 0) + 1
  }
  for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150)
})

describe('always', () => {
  const zone = fc.constantFrom('a', 'b', 'c')
  const anyPlace = fc
    .record({ zone, spot: fc.boolean(), weight: fc.integer({ min: 1, max: 9 }) })
    .map((any) => place(any.zone, 'ecs.c7.large', { weight: any.weight, ...(any.spot ? { spot: {} } : {}) }))
  const anyNote = fc
    .record({ zone, inMs: fc.integer({ min: -60_000, max: 600_000 }), spot: fc.boolean() })
    .map((any) => note(any.zone, any.inMs, any.spot))
  const anyHold = fc.record({
    scope: fc.constantFrom('placement', 'image', 'fleet') satisfies fc.Arbitrary<Hold['scope']>,
    imageId: fc.constantFrom('m-1', 'm-2'),
    zone,
    fleet: fc.constantFrom('render', 'other'),
    id: fc.nat(),
    instanceType: fc.constant('ecs.c7.large'),
    reason: fc.constant('boots fail'),
    openedAt: fc.constant(NOW - 60_000),
    failedProbes: fc.constant(0),
    until: fc.integer({ min: NOW - 1_000, max: NOW + 900_000 }),
  })
  const anyQuestion = fc.record({
    placements: fc.array(anyPlace, { minLength: 1, maxLength: 5 }),
    notes: fc.array(anyNote, { maxLength: 6 }),
    holds: fc.array(anyHold, { maxLength: 3 }),
    policy: fc.constantFrom('order', 'weighted') satisfies fc.Arbitrary<'order' | 'weighted'>,
    seed: fc.string(),
  })

  test('a place is one of the spec and not noted', () => {
    fc.assert(
      fc.property(anyQuestion, ({ placements, ...rest }) => {
        const answer = ask(placements, rest)
        const placement = answer.outcome === 'placed' ? answer.placement : undefined
        fc.pre(placement !== undefined)
        expect(placements).toContain(placement)
        const spot = placement?.spot !== undefined
        const noted = rest.notes.filter(
          (any) => any.until > NOW && any.zone === placement?.zone && any.spot === spot,
        )
        expect(noted).toEqual([])
      }),
      propertyRuns(1),
    )
  })

  test('a wait ends when asking again gives a place, or before it under a hold, and not a second late', () => {
    fc.assert(
      fc.property(anyQuestion, ({ placements, ...rest }) => {
        const answer = ask(placements, rest)
        const waitMs = answer.outcome === 'wait' ? answer.waitMs : 0
        fc.pre(waitMs > 0)
        expect(waitMs).toBeGreaterThanOrEqual(1_000)
        const isHeld = answer.outcome === 'wait' && answer.reason.includes('is held')
        // By 15 min every hold and note of these questions has passed.
        const endsMs = isHeld && waitMs >= LOOK_MS ? 900_000 : waitMs
        expect(ask(placements, { ...rest, now: NOW + endsMs }).outcome).toBe('placed')
        expect(ask(placements, { ...rest, now: NOW + Math.max(0, waitMs - 1_001) }).outcome).toBe('wait')
      }),
      propertyRuns(2),
    )
  })
})
