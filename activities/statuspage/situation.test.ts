import { expect, onTestFinished, test } from 'vitest'
import { DEFAULT_BREAKER_RULES } from '../../domain/breaker/rules.ts'
import { DEFAULT_POLICY } from '../../domain/fleet/policy.ts'
import { conditionsOf } from '../../domain/status/conditions.ts'
import { openStore } from '../../store/index.ts'
import { SPEC, keyOf } from '../testing/setting.ts'
import { readSituation } from './situation.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')

/** A store in which the first placement of that spec is held, and one fleet of it. */
async function held(fleet: { desired: number; frozen?: { since: number; silent: number; of: number } }) {
  const store = await openStore({ file: ':memory:' })
  onTestFinished(() => store.close())
  const [place] = SPEC.placements
  if (!place) throw new Error('the spec names no placement')
  const { zone, instanceType } = place
  const boot = { ...keyOf(), fleet: 'render', region: SPEC.region, imageId: SPEC.imageId, zone, instanceType }
  const rules = { ...DEFAULT_BREAKER_RULES, failures: 1 }
  await store.holds.noteOutcome({ ...boot, launchedAt: NOW, outcome: 'failed', why: 'mute' }, rules, NOW)
  const { desired, frozen } = fleet
  const status = { surge: 0, replacing: 0, extra: 0, marks: [], policy: DEFAULT_POLICY }
  await store.fleets.record({
    name: 'render',
    desired,
    paused: false,
    specHash: await store.specs.put(SPEC, NOW),
    slots: [],
    seq: 1,
    note: '',
    updatedAt: NOW,
    status: { ...status, ...(frozen && { frozen }) },
  })
  return await readSituation({ store, clock: () => NOW })
}

const told = (situation: Awaited<ReturnType<typeof held>>) =>
  conditionsOf(situation).map(({ kind, fleets }) => [kind, ...fleets])

test('a hold is told while a fleet would launch there', async () => {
  expect(told(await held({ desired: 3 }))).toEqual([['hold', 'render']])
})

test('a hold of a fleet that wants no hosts is nobody’s: no probe would ever close it', async () => {
  const situation = await held({ desired: 0 })
  expect(situation.holds).toHaveLength(1)
  expect(told(situation)).toEqual([])
})

test('a frozen fleet is told, though it is to have no hosts', async () => {
  const frozen = { since: NOW, silent: 4, of: 4 }
  expect(told(await held({ desired: 0, frozen }))).toContainEqual(['freeze', 'render'])
})
