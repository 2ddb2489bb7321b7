import { describe, expect, test } from 'vitest'
import { DEFAULT_BREAKER_RULES } from '../../domain/breaker/rules.ts'
import type { AttemptOutcome, HostEvent, HostRecord } from '../../domain/host/types.ts'
import type { AttemptKey } from '../../domain/ids.ts'
import {
  instanceInput,
  keyOf,
  openSetting,
  OWNER,
  recordOf,
  run,
  SPEC,
  untilDone,
} from '../testing/setting.ts'
import type { Setting } from '../testing/setting.ts'

const RULES = { ...DEFAULT_BREAKER_RULES, failures: 2 }
const ZONE = 'cn-hangzhou-g'
const PLACE = { zone: ZONE, instanceType: 'ecs.c7.large' }
const AT = { ...PLACE, launchedAt: 1 }

const open = () => openSetting({ deps: { breaker: () => RULES } })

const line = (kind: HostEvent['kind'], key: AttemptKey, data?: Record<string, unknown>): HostEvent => ({
  seq: 1,
  at: 0,
  kind,
  attempt: key.attempt,
  text: `${kind} of attempt ${key.attempt}`,
  ...(data && { data }),
})

/** The record that the first activity after the end of an attempt carries. */
const ended = (key: AttemptKey, outcome: AttemptOutcome, change: Partial<HostRecord> = {}) =>
  recordOf(key, {
    ...AT,
    phase: 'deleting',
    reason: 'mute for 20:00',
    events: [line('deleting', key, { outcome })],
    ...change,
  })

const started = (key: AttemptKey) => recordOf(key, { ...AT, phase: 'ready', events: [line('started', key)] })

const texts = async (setting: Setting, key: AttemptKey) =>
  (await setting.store.journal.list({ host: key.host })).map(({ text }) => text)

const holds = (setting: Setting) => setting.store.holds.list({}, setting.deps.clock())

async function evidence(setting: Setting, key: AttemptKey, record = ended(key, 'mute')) {
  const instanceId = (await setting.store.hosts.get(key.host))?.instanceId ?? (await setting.launched(key))
  await run(setting.activities.captureEvidence, { ...instanceInput(instanceId, key), record })
  return instanceId
}

/** Deletes as the host does after the end of an attempt. */
const deleted = async (setting: Setting, key: AttemptKey, record: HostRecord, instanceId: string) => {
  await untilDone(setting.activities.deleteInstance, {
    region: SPEC.region,
    owner: OWNER,
    key,
    instanceId,
    record,
    reason: 'mute',
    recordWhenGone: { ...record, seq: 2 },
  })
}

const plan = (setting: Setting, key: AttemptKey) =>
  run(setting.activities.planLaunch, {
    key,
    launch: 1,
    spec: { ...SPEC, placements: SPEC.placements.slice(0, 1) },
    record: recordOf(key, { phase: 'waiting' }),
  })

/** Two mute hosts: a hold; then its cool-down passes. */
async function held(setting: Setting) {
  for (const slot of [1, 2]) await evidence(setting, keyOf(slot))
  setting.skip(RULES.coolDownMs + 1_000)
}

describe('a boot that failed', () => {
  test('is counted by the first activity after it, and the journal tells what followed', async () => {
    const setting = await open()
    await evidence(setting, keyOf(1))
    expect(await holds(setting)).toEqual([])
    await evidence(setting, keyOf(2))
    const [hold] = await holds(setting)
    expect(hold).toMatchObject({ ...PLACE, imageId: SPEC.imageId, openedBy: 'render/00002 attempt 1' })
    expect(await texts(setting, keyOf(2))).toEqual([
      expect.stringMatching(
        new RegExp(`^deleting of attempt 1; opens hold ${hold?.id} on .* mute for 20:00$`),
      ),
    ])
    const [event] = await setting.store.journal.list({ host: keyOf(2).host })
    expect(event?.data).toEqual({ outcome: 'mute', holds: [{ hold: hold?.id, kind: 'opened' }] })
    expect(setting.log.join()).toContain(`opens hold ${hold?.id}`)
  })

  test('counts once though evidence is tried again and the delete tells of it, too', async () => {
    const setting = await open()
    const instanceId = await evidence(setting, keyOf(1))
    await evidence(setting, keyOf(1))
    await deleted(setting, keyOf(1), ended(keyOf(1), 'mute'), instanceId)
    expect(await holds(setting)).toEqual([])
  })

  test('is counted by the delete where no evidence was taken, as of an instance that was lost', async () => {
    const setting = await open()
    for (const slot of [1, 2]) {
      const key = keyOf(slot)
      await deleted(setting, key, ended(key, 'lost'), await setting.launched(key))
    }
    expect(await holds(setting)).toHaveLength(1)
    expect(await texts(setting, keyOf(2))).toEqual([expect.stringContaining('opens hold')])
  })

  test('is counted by keeping the instance where that comes first', async () => {
    const setting = await open()
    for (const slot of [1, 2]) {
      const key = keyOf(slot)
      const input = { ...instanceInput(await setting.launched(key), key), record: ended(key, 'lost') }
      const recordWhenKept = { ...input.record, seq: 2, events: [] }
      await run(setting.activities.preserveInstance, { ...input, forMs: 1_800_000, recordWhenKept })
    }
    expect(await holds(setting)).toHaveLength(1)
  })

  test.each<[string, AttemptOutcome, Partial<HostRecord>]>([
    ['a host that was ready before', 'lost', { readyAt: 1 }],
    ['a host that people retire', 'retired', {}],
    ['a host that people replace', 'replaced', {}],
    ['a cancelled host', 'cancelled', {}],
    ['a launch that gave no instance', 'unclear', {}],
  ])('is not: the end of %s', async (_name, outcome, change) => {
    const setting = await open()
    for (const slot of [1, 2, 3]) await evidence(setting, keyOf(slot), ended(keyOf(slot), outcome, change))
    expect(await holds(setting)).toEqual([])
  })
})

describe('a probe', () => {
  test('is one host; its success closes the hold, told in its journal', async () => {
    const setting = await open()
    await held(setting)
    expect((await plan(setting, keyOf(3))).answer).toEqual({
      outcome: 'placed',
      placement: SPEC.placements[0],
    })
    expect((await plan(setting, keyOf(3))).answer, 'the answer was lost').toMatchObject({ outcome: 'placed' })
    expect((await plan(setting, keyOf(4))).answer).toMatchObject({
      outcome: 'wait',
      cause: 'hold',
      reason: expect.stringContaining('render/00003 probes'),
    })
    const instanceId = await setting.launched(keyOf(3))
    const input = { ...instanceInput(instanceId, keyOf(3)), record: started(keyOf(3)) }
    await run(setting.activities.becomeReady, input)
    await run(setting.activities.becomeReady, input, { attempt: 2 })
    expect(await holds(setting)).toEqual([])
    expect(await texts(setting, keyOf(3))).toEqual([
      expect.stringMatching(/^started of attempt 1; closes hold \d+ on/),
    ])
    expect((await plan(setting, keyOf(4))).answer).toMatchObject({ outcome: 'placed' })
  })

  test('that spoke before the cloud took its instance was a success all the same', async () => {
    const setting = await open()
    await held(setting)
    await plan(setting, keyOf(3))
    const input = { ...instanceInput('i-bp1neverexisted00000', keyOf(3)), record: started(keyOf(3)) }
    expect((await run(setting.activities.becomeReady, input)).answer).toMatchObject({ outcome: 'gone' })
    expect(await holds(setting)).toEqual([])
  })

  test('that fails makes the cool-down longer', async () => {
    const setting = await open()
    await held(setting)
    await plan(setting, keyOf(3))
    await evidence(setting, keyOf(3))
    expect(await texts(setting, keyOf(3))).toEqual([
      expect.stringMatching(/the probe of hold \d+ .* has failed, the next after 20:00$/),
    ])
    expect((await plan(setting, keyOf(4))).answer).toMatchObject({ outcome: 'wait' })
  })

  test('whose host is retired before a word is another host’s', async () => {
    const setting = await open()
    await held(setting)
    await plan(setting, keyOf(3))
    const instanceId = await setting.launched(keyOf(3))
    await deleted(setting, keyOf(3), ended(keyOf(3), 'retired'), instanceId)
    expect((await plan(setting, keyOf(4))).answer).toMatchObject({ outcome: 'placed' })
  })
})

test('a place in trouble gets fewer weighted launches', async () => {
  const setting = await open()
  const note = { region: SPEC.region, ...AT, spot: false }
  await setting.store.capacity.note(note, 'OperationDenied.NoStock', setting.deps.clock())
  await evidence(setting, keyOf(1))
  setting.skip(4 * 60_000)
  const spec = { ...SPEC, placementPolicy: 'weighted' as const }
  const draws = await Promise.all(
    Array.from({ length: 100 }, async (_, slot) => {
      const key = keyOf(100 + slot)
      const record = recordOf(key, { phase: 'waiting' })
      const { answer } = await run(setting.activities.planLaunch, { key, launch: 1, spec, record })
      return answer.outcome === 'placed' && answer.placement.zone === ZONE
    }),
  )
  // One stock-out and one failed boot: a quarter of the weight, a fifth of the launches.
  expect(draws.filter(Boolean).length).toBeGreaterThan(5)
  expect(draws.filter(Boolean).length).toBeLessThan(38)
})
