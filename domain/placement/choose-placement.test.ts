import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Placement } from '../spec.ts'
import { choosePlacement } from './choose-placement.ts'
import type { Hold, NotedPlace, PlacementQuestion } from './choose-placement.ts'
import { fraction } from './hash.ts'

const NOW = 1_800_000_000_000
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
    now: NOW,
    seed: 'render/00001/a/1/1',
    ...rest,
  })
}

describe('by order', () => {
  test('takes the first placement', () => {
    expect(ask([place('a'), place('b')])).toEqual({ outcome: 'placed', placement: place('a') })
  })

  test('tries the third when two zones are without stock', () => {
    const answer = ask([place('a'), place('b'), place('c')], {
      notes: [note('a', 60_000), note('b', 60_000)],
    })
    expect(answer).toEqual({ outcome: 'placed', placement: place('c') })
  })

  test('takes spot and on-demand for different places', () => {
    const both = [place('a', 'ecs.c7.large', { spot: {} }), place('a')]
    expect(ask(both, { notes: [note('a', 60_000, true)] })).toEqual({ outcome: 'placed', placement: both[1] })
    expect(ask(both, { notes: [note('a', 60_000, false)] })).toEqual({
      outcome: 'placed',
      placement: both[0],
    })
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

describe('holds', () => {
  const hold = (scope: Hold['scope'], rest: Partial<Hold>): Hold => ({
    scope,
    reason: '5 boots failed',
    until: NOW + 30_000,
    ...rest,
  })

  test.each<[string, Hold, string]>([
    ['its fleet', hold('fleet', { fleet: 'render' }), 'fleet render is held: 5 boots failed'],
    ['its image', hold('image', { imageId: 'm-1' }), 'image m-1 is held: 5 boots failed'],
    [
      'its placement',
      hold('placement', { imageId: 'm-1', zone: 'a', instanceType: 'ecs.c7.large' }),
      'm-1 on ecs.c7.large in a is held: 5 boots failed',
    ],
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
    ['another zone', hold('placement', { imageId: 'm-1', zone: 'b', instanceType: 'ecs.c7.large' })],
    ['another image in the same zone', hold('placement', { imageId: 'm-2', zone: 'a' })],
  ])('on %s change nothing', (_name, held) => {
    expect(ask([place('a')], { holds: [held] })).toMatchObject({ outcome: 'placed' })
  })

  test('on one placement leave the next one', () => {
    const held = hold('placement', { imageId: 'm-1', zone: 'a', instanceType: 'ecs.c7.large' })
    expect(ask([place('a'), place('b')], { holds: [held] })).toEqual({
      outcome: 'placed',
      placement: place('b'),
    })
  })

  test('bind longer than a note that ends before', () => {
    const answer = ask([place('a')], {
      holds: [hold('fleet', { fleet: 'render' })],
      notes: [note('a', 10_000)],
    })
    expect(answer).toMatchObject({ outcome: 'wait', waitMs: 30_000, cause: 'hold' })
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
    reason: fc.constant('boots fail'),
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
    )
  })

  test('a wait ends when asking again gives a place, and not a second before', () => {
    fc.assert(
      fc.property(anyQuestion, ({ placements, ...rest }) => {
        const answer = ask(placements, rest)
        const waitMs = answer.outcome === 'wait' ? answer.waitMs : 0
        fc.pre(waitMs > 0)
        expect(waitMs).toBeGreaterThanOrEqual(1_000)
        expect(ask(placements, { ...rest, now: NOW + waitMs }).outcome).toBe('placed')
        expect(ask(placements, { ...rest, now: NOW + Math.max(0, waitMs - 1_001) }).outcome).toBe('wait')
      }),
    )
  })
})
