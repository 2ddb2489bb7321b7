import { describe, expect, test } from 'vitest'
import { scaleInOrder, type ScaleInCandidate } from './scale-in.ts'
import type { Replacing, SurveyRequest, SurveyRow } from './survey-types.ts'
import { survey } from './survey.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const HOUR_MS = 3_600_000

const row = (slot: number, change: Partial<SurveyRow> = {}): SurveyRow => ({
  slot,
  generation: 'g',
  attempt: 1,
  phase: 'ready',
  specHash: 'first',
  reason: '',
  readyAt: NOW - 2 * HOUR_MS,
  ...change,
})

const replacing = (slot: number, change: Partial<Replacing> = {}): Replacing => ({
  slot,
  generation: 'g',
  attempt: 1,
  specHash: 'first',
  up: true,
  ...change,
})

function look(rows: SurveyRow[], change: Partial<SurveyRequest> = {}) {
  const request: SurveyRequest = {
    active: [[1, rows.length]],
    retiring: [],
    surge: [],
    marks: [],
    replacing: [],
    specHash: 'first',
    scaleIn: 0,
    latestFirst: false,
    ...change,
  }
  return survey(new Map(rows.map((one) => [one.slot, one])), request, NOW)
}
const renewed = (...args: Parameters<typeof look>) => look(...args).renew.map(({ slot }) => slot)

describe('ready is a host', () => {
  test.each([
    ['that does its work', {}, 1],
    ['that was asked to end, not though it does its work still', { wish: 'retire' as const }, 0],
    ['that the cloud takes, not though it does its work still', { reclaimAt: NOW + HOUR_MS }, 0],
    ['that is silent, not', { phase: 'silent' as const }, 0],
  ])('%s', (_what, change, ready) => {
    expect(look([row(1, change)]).ready).toBe(ready)
  })

  test('that was told to begin anew, not before it has', () => {
    const told = { replacing: [replacing(1)] }
    expect(look([row(1)], told).ready).toBe(0)
    expect(look([row(1, { attempt: 2 })], told).ready).toBe(1)
  })
})

describe('what the cloud takes', () => {
  const taken = { reclaimAt: NOW + HOUR_MS }

  test('counts while it retires, too, for each may have a successor beside it', () => {
    const counted = look([row(1, taken), row(2, taken), row(3)], { active: [[1, 1]], retiring: [[2, 3]] })
    expect(counted).toMatchObject({ announced: 2, reclaimed: [1] })
  })

  test('is not replaced besides: its slot is given up', () => {
    const rolling = { forced: [[1, 1]] as [number, number][] }
    expect(look([row(1, taken)], { specHash: 'second', rolling })).toMatchObject({ renew: [], old: 0 })
    expect(renewed([row(1, taken)], { maxLifetimeMs: HOUR_MS })).toEqual([])
  })
})

describe('to be replaced', () => {
  test('is what runs another spec while a rollout goes on, but for silent hosts: they are judged first', () => {
    const rows = [
      row(1),
      row(2, { phase: 'silent' }),
      row(3, { phase: 'booting' }),
      row(4, { specHash: 'second' }),
    ]
    const asked = { specHash: 'second', rolling: { forced: [] } }
    expect(renewed(rows, asked)).toEqual([3, 1])
    expect(look(rows, asked).old).toBe(3)
    expect(renewed(rows, { specHash: 'second' }), 'without one nothing is').toEqual([])
  })

  test('is what has been ready for too long and still is', () => {
    const rows = [row(1), row(2, { phase: 'draining' }), row(3, { readyAt: NOW - HOUR_MS / 2 })]
    expect(renewed(rows, { maxLifetimeMs: HOUR_MS })).toEqual([1])
  })

  test('of a spec that is wanted no more is no longer waited for', () => {
    const told = { replacing: [replacing(1)], rolling: { forced: [] }, specHash: 'third' }
    expect(look([row(1, { attempt: 2, specHash: 'second' })], told)).toMatchObject({
      replaced: [{ slot: 1, now: 'stale' }],
      renew: [{ slot: 1, attempt: 2 }],
    })
  })
})

describe('scale-in', () => {
  const candidate = (slot: number, change: Partial<ScaleInCandidate> = {}): ScaleInCandidate => ({
    slot,
    phase: 'ready',
    specHash: 'first',
    failed: false,
    marked: false,
    surge: false,
    replacing: false,
    readyAt: NOW,
    ...change,
  })
  const order = (candidates: ScaleInCandidate[], latestFirst = false) =>
    scaleInOrder(candidates, { specHash: 'first', latestFirst }).map(({ slot }) => slot)

  test('takes what is beyond the desired ones first, of hosts that are alike, and then the oldest', () => {
    const hosts = [
      candidate(1, { readyAt: NOW - 2 }),
      candidate(2, { surge: true }),
      candidate(3, { readyAt: NOW - 1 }),
    ]
    expect(order(hosts)).toEqual([2, 1, 3])
    expect(order(hosts, true), 'or the latest, where more were asked for than are wanted').toEqual([2, 3, 1])
  })

  test('takes the surge before the host that it stands in for while that begins anew', () => {
    const rows = [row(1), row(2, { phase: 'booting', attempt: 2 }), row(3), row(4)]
    const surge: [number, number][] = [[3, 4]]
    const wanted = { surge, scaleIn: 4, rolling: { forced: [] } }
    expect(look(rows, { ...wanted, replacing: [replacing(2)] }).scaleIn.map(({ slot }) => slot)).toEqual([
      4, 3, 2, 1,
    ])
    const newcomer = { ...replacing(2), generation: '', up: false }
    expect(look(rows, { ...wanted, replacing: [newcomer] }).scaleIn[0]?.slot, 'one that was never up').toBe(2)
  })

  test('takes an old spec before it, and no work before either', () => {
    const hosts = [
      candidate(1, { surge: true }),
      candidate(2, { specHash: 'older' }),
      candidate(3, { phase: 'booting' }),
    ]
    expect(order(hosts)).toEqual([3, 2, 1])
  })
})

test('hosts that may not have heard of what was asked are told apart by whether they may work; those that have begun anew are left out', () => {
  const rows = [
    row(1),
    row(2, { phase: 'booting' }),
    row(3),
    row(4, { attempt: 2 }),
    row(5, { wish: 'retire' }),
    row(6, { phase: 'silent' }),
  ]
  const asked = {
    active: [[3, 4]],
    retiring: [
      [1, 2],
      [5, 7],
    ],
  } satisfies Partial<SurveyRequest>
  const unclear = {
    ...asked,
    replacing: [replacing(3), replacing(4)],
    unclear: [[1, 7]],
  } satisfies Partial<SurveyRequest>
  expect(look(rows, unclear).unclear).toEqual([
    { slot: 1, mayWork: true },
    { slot: 2, mayWork: false },
    { slot: 3, mayWork: true },
    { slot: 5, mayWork: false },
    { slot: 6, mayWork: true },
    { slot: 7, mayWork: false },
  ])
  expect(look(rows, asked)).not.toHaveProperty('unclear')
})
