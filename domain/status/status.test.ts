import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Hold } from '../breaker/hold.ts'
import { propertyRuns } from '../testing/property-runs.ts'
import { planComponents } from './components.ts'
import { conditionsOf, type FleetSituation, type Situation } from './conditions.ts'
import { PageModel, type CallFate } from './testing/page-model.ts'
import { COMPONENT_STATUSES, readSubject, subjectOf, type ComponentStatus } from './types.ts'
import { holdWords, MAX_NAME } from './words.ts'

const NOW = Date.parse('2026-01-01T10:00:00Z')
const MINUTE = 60_000
const TYPE = 'ecs.g7.large'

const hold = (id: number, change: Partial<Hold> = {}): Situation['holds'][number] => ({
  id,
  region: 'cn-hangzhou',
  scope: 'placement',
  imageId: 'm-1',
  zone: 'zone-h',
  instanceType: TYPE,
  reason: '5 boots in a row failed within 30:00, the last: mute for 20:00',
  openedAt: NOW + id * 1_000,
  until: NOW + 10 * MINUTE,
  failedProbes: 0,
  ...change,
})
const imageHold = (id: number) => {
  const { zone: _zone, instanceType: _type, ...rest } = hold(id)
  return { ...rest, scope: 'image' as const }
}
const fleetHold = (id: number, fleet: string): Situation['holds'][number] => {
  const { zone: _zone, instanceType: _type, imageId: _image, ...rest } = hold(id)
  return { ...rest, scope: 'fleet', fleet }
}
const fleet = (
  name: string,
  imageId = 'm-1',
  zones = ['zone-h', 'zone-i'],
  frozen?: FleetSituation['frozen'],
): FleetSituation => ({
  name,
  spec: {
    region: 'cn-hangzhou',
    imageId,
    placements: zones.map((zone) => ({ zone, vSwitchId: 'v', instanceType: TYPE })),
  },
  ...(frozen && { frozen }),
})

describe('what is told of a hold', () => {
  test('says what does not start, since when, why, when it is tried again, and whom it concerns', () => {
    const [one] = conditionsOf({ holds: [hold(1)], fleets: [fleet('b'), fleet('a'), fleet('c', 'm-2')] })
    expect(one).toEqual({
      kind: 'hold',
      about: 'hold/1/2026-01-01T10:00:01.000Z',
      since: NOW + 1_000,
      name: 'New hosts with image m-1 on ecs.g7.large in zone-h do not start',
      body: [
        'Since 2026-01-01 10:00 UTC no new hosts are started with image m-1 on ecs.g7.large in zone-h, because starts failed: 5 boots in a row failed within 30:00, the last: mute for 20:00.',
        'After 2026-01-01 10:10 UTC one host is started to find out whether it is over.',
        '2 fleets affected: a, b. Hosts that run already are not touched.',
      ].join('\n\n'),
      impact: 'minor',
      fleets: ['a', 'b'],
      status: 'degraded_performance',
    })
  })

  test.each([
    [imageHold(1), 'New hosts with image m-1 do not start', ['a', 'b'], 'partial_outage'],
    [fleetHold(1, 'b'), 'New hosts of fleet b do not start', ['b'], 'partial_outage'],
  ])('of a whole image or fleet is worse', (held, name, fleets, status) => {
    const told = conditionsOf({ holds: [held], fleets: [fleet('a'), fleet('b'), fleet('c', 'm-2')] })
    expect(told).toMatchObject([{ name, fleets, status, impact: 'major' }])
  })

  test('is nothing where no fleet would launch there, or in another region', () => {
    const nobody = { holds: [hold(1)], fleets: [fleet('a', 'm-2'), fleet('b', 'm-1', ['zone-i'])] }
    expect(conditionsOf(nobody)).toEqual([])
    const abroad = { ...hold(1), region: 'cn-beijing' }
    expect(conditionsOf({ holds: [abroad], fleets: [fleet('a')] })).toEqual([])
  })

  test('tells how often it was tried in vain', () => {
    expect(holdWords(hold(1, { failedProbes: 2 }), ['a']).body).toContain(
      '2 hosts were, one after another, started to find out whether it is over, and failed too.',
    )
  })

  test('fits, however long ids and reasons are, and breaks no character in two', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 2_000, size: 'max' })
    const name = fc.string({ unit: 'grapheme', maxLength: 60, size: 'max' })
    let cuts = 0
    const names = fc.array(name, { minLength: 1, maxLength: 200, size: 'max' })
    fc.assert(
      fc.property(text, text, names, (id, reason, fleets) => {
        const { name, body } = holdWords(hold(1, { imageId: id, reason }), fleets)
        expect(name.length).toBeLessThanOrEqual(MAX_NAME)
        if (name.endsWith('…')) cuts += 1
        expect(body.length).toBeLessThan(25_000)
        expect(`${name}${body}`.isWellFormed()).toBe(`${id}${reason}${fleets.join('')}`.isWellFormed())
      }),
      propertyRuns(11),
    )
    expect(cuts).toBeGreaterThan(20)
  })
})

describe('what is told of a freeze', () => {
  const frozen = (silent: number, of: number, since = NOW) =>
    conditionsOf({ holds: [], fleets: [fleet('a', 'm-1', [], { since, silent, of })] })

  test('is worst when nothing is heard of any host', () => {
    expect(frozen(6, 6)).toMatchObject([
      { name: 'All hosts of fleet a are silent', impact: 'critical', status: 'major_outage' },
    ])
    expect(frozen(6, 20)).toMatchObject([
      { name: 'Many hosts of fleet a are silent', impact: 'major', status: 'partial_outage' },
    ])
    expect(frozen(16, 20)).toMatchObject([{ name: 'Most hosts of fleet a are silent' }])
  })

  test('is the same text while some hosts come and go, and while its beginning is said anew', () => {
    const [one] = frozen(6, 20)
    const begun = new Map([['freeze/a', NOW]])
    const again = conditionsOf(
      { holds: [], fleets: [fleet('a', 'm-1', [], { since: NOW + MINUTE, silent: 8, of: 20 })] },
      begun,
    )
    expect(again).toEqual([one])
  })
})

test('a subject says what it is about, and since when', () => {
  const subject = subjectOf({ about: 'freeze/render', since: NOW })
  expect(readSubject(subject)).toEqual({ kind: 'freeze', about: 'freeze/render', since: NOW })
  for (const text of ['', 'x', 'freeze/render', 'freeze/render@never', 'other/1@2026-01-01T00:00:00.000Z']) {
    expect(readSubject(text)).toBeUndefined()
  }
})

describe('components', () => {
  const worse = { fleets: ['a'], status: 'partial_outage' as const }
  const plan = (question: Partial<Parameters<typeof planComponents>[0]>) =>
    planComponents({
      conditions: [],
      components: { a: 'c1', b: 'c1' },
      given: new Map(),
      actual: new Map([['c1', 'operational']]),
      ...question,
    }).steps
  test('are as bad as the worst of their fleets', () => {
    const conditions = [worse, { fleets: ['b'], status: 'degraded_performance' as const }]
    expect(plan({ conditions })).toEqual([{ kind: 'set', id: 'c1', status: 'partial_outage' }])
  })
  test('are whole again when nothing is left, and only where it was us', () => {
    const given = new Map([['c1', { status: 'partial_outage' as const }]])
    expect(plan({ given, actual: new Map([['c1', 'partial_outage']]) })).toEqual([
      { kind: 'set', id: 'c1', status: 'operational' },
    ])
    expect(plan({ given, actual: new Map([['c1', 'major_outage']]) })).toEqual([{ kind: 'leave', id: 'c1' }])
    expect(plan({ actual: new Map([['c1', 'major_outage']]) })).toEqual([])
  })
  test('that a person has changed since, or has under maintenance, are left alone', () => {
    const given = new Map([['c1', { status: 'partial_outage' as const }]])
    expect(plan({ conditions: [worse], given, actual: new Map([['c1', 'operational']]) })).toEqual([])
    expect(plan({ conditions: [worse], actual: new Map([['c1', 'under_maintenance']]) })).toEqual([])
  })
  test('that a person has set are not made worse, nor taken for ours', () => {
    const given = new Map([['c1', { status: 'degraded_performance' as const }]])
    for (const is of ['operational', 'partial_outage', 'major_outage'] as const) {
      expect(plan({ conditions: [worse], given, actual: new Map([['c1', is]]) })).toEqual([])
    }
    for (const is of ['partial_outage', 'major_outage'] as const) {
      expect(plan({ conditions: [worse], actual: new Map([['c1', is]]) })).toEqual([])
    }
  })
  test('are asked again when an answer was lost, and given back whatever became of it', () => {
    const given = new Map([
      ['c1', { status: 'degraded_performance' as const, asked: ['partial_outage' as const] }],
    ])
    const set = (status: string) => [{ kind: 'set', id: 'c1', status }]
    expect(plan({ conditions: [worse], given, actual: new Map([['c1', 'partial_outage']]) })).toEqual(
      set('partial_outage'),
    )
    for (const is of ['degraded_performance', 'partial_outage'] as const) {
      expect(plan({ given, actual: new Map([['c1', is]]) })).toEqual(set('operational'))
    }
  })
  test('that the config no longer names are given back', () => {
    const given = new Map([['c9', { status: 'degraded_performance' as const }]])
    const actual = new Map([
      ['c1', 'operational' as const],
      ['c9', 'degraded_performance' as const],
    ])
    expect(plan({ given, actual })).toEqual([{ kind: 'set', id: 'c9', status: 'operational' }])
  })
  test('that the page does not have are told', () => {
    const { missing, steps } = planComponents({
      conditions: [worse],
      components: { a: 'c7' },
      given: new Map(),
      actual: new Map(),
    })
    expect({ missing, steps }).toEqual({ missing: [{ fleet: 'a', id: 'c7' }], steps: [] })
  })
})

// Whatever happens, in whatever order, and whichever answers are lost.
interface HoldEvent {
  do: 'holds'
  change: 'hold' | 'unhold' | 'hold image' | 'fail probe'
  id: number
}
type Event =
  | HoldEvent
  | { do: 'freeze' | 'thaw'; fleet: 'a' | 'b'; all: boolean }
  | { do: 'report'; fates: CallFate[] }
  | { do: 'end by hand'; index: number }
  | { do: 'set by hand'; component: string; status: ComponentStatus }
  | { do: 'forget' }
  | { do: 'wait'; ms: number }

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    do: fc.constant('holds' as const),
    change: fc.constantFrom('hold' as const, 'unhold' as const, 'hold image' as const, 'fail probe' as const),
    id: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    do: fc.constantFrom('freeze' as const, 'thaw' as const),
    fleet: fc.constantFrom('a' as const, 'b' as const),
    all: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('report' as const),
    fates: fc.array(fc.constantFrom<CallFate>('done', 'answerLost', 'lost', 'refused'), { maxLength: 6 }),
  }),
  fc.record({ do: fc.constant('end by hand' as const), index: fc.nat(5) }),
  fc.record({
    do: fc.constant('set by hand' as const),
    component: fc.constantFrom('c1', 'c2'),
    status: fc.constantFrom(...COMPONENT_STATUSES),
  }),
  fc.record({ do: fc.constant('forget' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1_000, max: 90_000 }) }),
)

/** Ids of holds count up: one that has closed does not open again. */
function changeHolds({ situation, now }: PageModel, one: HoldEvent, holds: Map<number, number>): void {
  const without = situation.holds.filter(({ id }) => id !== holds.get(one.id))
  if (one.change === 'unhold') {
    situation.holds = without
  } else if (one.change === 'fail probe') {
    situation.holds = situation.holds.map((held) =>
      held.id === holds.get(one.id) ? { ...held, failedProbes: held.failedProbes + 1 } : held,
    )
  } else {
    const id = Math.max(0, ...holds.values()) + 1
    const made = one.change === 'hold' ? hold(id) : imageHold(id)
    situation.holds = [...without, { ...made, openedAt: now }]
    holds.set(one.id, id)
  }
}

function happen(model: PageModel, one: Event, holds: Map<number, number>): void {
  const { situation } = model
  switch (one.do) {
    case 'holds':
      changeHolds(model, one, holds)
      return
    case 'freeze':
    case 'thaw': {
      const frozen = one.do === 'freeze' ? { since: model.now, silent: 4, of: one.all ? 4 : 12 } : undefined
      situation.fleets = situation.fleets.map((known) =>
        known.name === one.fleet ? fleet(known.name, 'm-1', ['zone-h'], frozen) : known,
      )
      return
    }
    case 'report': {
      const fates = [...one.fates]
      model.report(() => fates.shift() ?? 'done')
      return
    }
    case 'end by hand':
      model.endByHand(one.index)
      return
    case 'set by hand':
      model.setByHand(one.component, one.status)
      return
    case 'forget':
      model.forgetAll()
      return
    case 'wait':
      model.now += one.ms
      return
    default:
      one satisfies never
  }
}

function play(events: readonly Event[]): PageModel {
  const model = new PageModel({ a: 'c1', b: 'c2' })
  model.situation.fleets = [fleet('a', 'm-1', ['zone-h']), fleet('b', 'm-1', ['zone-h'])]
  const holds = new Map<number, number>()
  for (const one of events) {
    happen(model, one, holds)
    const open = model.open().map(({ subject }) => subject)
    expect(new Set(open).size, 'no incident twice').toBe(open.length)
    expect(model.overruled, "a person's word").toEqual([])
  }
  return model
}

/** Reports until nothing is unclear any more. */
function settle(model: PageModel): void {
  for (let n = 0; n < 4; n++) {
    model.report()
    model.now += 61_000
  }
}

describe('a page that is told, whatever happens and whichever answers are lost', () => {
  test('agrees in the end with what is so, and is then left alone', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30, size: 'max' }), (events) => {
        const model = play(events)
        settle(model)
        const wanted = model.conditions()
        const dismissed = [...model.known.values()].filter(({ dismissedAt }) => dismissedAt !== undefined)
        const left = new Set(dismissed.map(({ about }) => about))
        const told = wanted.filter(({ about }) => !left.has(about))
        expect(
          model
            .open()
            .map(({ body }) => body)
            .toSorted(),
        ).toEqual(told.map(({ body }) => body).toSorted())
        for (const [name, id] of Object.entries(model.components)) {
          if (model.touched.has(id)) continue
          const worst = wanted.filter(({ fleets }) => fleets.includes(name)).map(({ status }) => status)
          const order = ['operational', 'degraded_performance', 'partial_outage', 'major_outage'] as const
          const rank = Math.max(0, ...worst.map((status) => order.indexOf(status)))
          expect(model.shown.get(id)).toBe(order[rank])
        }
        const before = JSON.stringify([model.page, [...model.known], [...model.shown]])
        model.report()
        expect(model.calls).toBe(0)
        expect(JSON.stringify([model.page, [...model.known], [...model.shown]])).toBe(before)
      }),
      propertyRuns(5, 400),
    )
  })

  test('takes no status whose answer was lost for the word of a person', () => {
    const model = play([
      { do: 'freeze', fleet: 'a', all: false },
      { do: 'report', fates: ['done', 'answerLost'] },
      { do: 'freeze', fleet: 'a', all: true },
      { do: 'report', fates: ['done', 'lost'] },
    ])
    settle(model)
    expect(model.shown.get('c1'), 'two in a row').toBe('major_outage')
    happen(model, { do: 'thaw', fleet: 'a', all: true }, new Map())
    model.report()
    model.report(() => 'answerLost')
    happen(model, { do: 'freeze', fleet: 'a', all: true }, new Map())
    settle(model)
    expect(model.shown.get('c1'), 'whole in between').toBe('major_outage')
  })

  test('is told nothing of what began and ended between two reports', () => {
    const model = play([
      { do: 'report', fates: [] },
      { do: 'holds', change: 'hold', id: 1 },
      { do: 'holds', change: 'unhold', id: 1 },
      { do: 'report', fates: [] },
    ])
    expect(model.page).toEqual([])
  })

  test('is not told again of what a person has ended there, until it is over and begins anew', () => {
    const model = play([
      { do: 'freeze', fleet: 'a', all: true },
      { do: 'report', fates: [] },
      { do: 'end by hand', index: 0 },
      { do: 'report', fates: [] },
      { do: 'wait', ms: 60_000 },
      { do: 'report', fates: [] },
    ])
    expect(model.open()).toEqual([])
    happen(model, { do: 'thaw', fleet: 'a', all: true }, new Map())
    settle(model)
    happen(model, { do: 'freeze', fleet: 'a', all: true }, new Map())
    settle(model)
    expect(model.open()).toHaveLength(1)
    expect(model.page).toHaveLength(2)
  })

  test('is not told twice what it has, though the answer was lost', () => {
    const model = play([
      { do: 'holds', change: 'hold', id: 1 },
      { do: 'report', fates: [] },
      { do: 'holds', change: 'fail probe', id: 1 },
      { do: 'report', fates: ['answerLost'] },
      { do: 'report', fates: [] },
    ])
    expect(model.open()).toMatchObject([{ updates: 2 }])
    expect(model.open()[0]?.body).toContain('and failed too')
  })

  test('is not asked again while an incident may still appear', () => {
    const model = play([
      { do: 'freeze', fleet: 'a', all: true },
      { do: 'report', fates: ['lost'] },
      { do: 'wait', ms: 30_000 },
      { do: 'report', fates: [] },
    ])
    expect(model.page).toEqual([])
    model.now += 30_001
    model.report()
    expect(model.open()).toHaveLength(1)
  })
})
