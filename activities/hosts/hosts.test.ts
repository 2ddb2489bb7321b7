import { CompleteAsyncError } from '@temporalio/activity'
import { describe, expect, test } from 'vitest'
import { keyOf, openSetting, recordOf, run, SPEC } from '../testing/setting.ts'
import type { Setting } from '../testing/setting.ts'

describe('planLaunch', () => {
  const plan = (setting: Setting, launch = 1) =>
    run(setting.activities.planLaunch, {
      key: keyOf(),
      launch,
      spec: SPEC,
      record: recordOf(keyOf(), { phase: 'waiting' }),
    })

  test('gives the first placement and shows it', async () => {
    const setting = await openSetting()
    expect((await plan(setting)).answer).toEqual({ outcome: 'placed', placement: SPEC.placements[0] })
    expect(await setting.store.hosts.get('render/00001')).toMatchObject({
      zone: 'cn-hangzhou-g',
      instanceType: 'ecs.c7.large',
    })
  })

  test('keeps the spec that is launched, for the agent asks for it, and nobody else may name it any more', async () => {
    const setting = await openSetting()
    const hash = await setting.store.specs.put(SPEC, setting.deps.clock())
    expect(await setting.store.prune(setting.deps.clock() + 1_000)).toBe(1)
    expect(await setting.store.specs.get(hash)).toBeUndefined()
    await plan(setting)
    expect(await setting.store.specs.get(hash)).toEqual(SPEC)
  })

  test('goes around places without stock, and waits when none is left', async () => {
    const setting = await openSetting()
    const note = (zone: string) =>
      setting.store.capacity.note(
        { region: 'cn-hangzhou', zone, instanceType: 'ecs.c7.large', spot: false },
        'OperationDenied.NoStock',
        setting.deps.clock(),
      )
    await note('cn-hangzhou-g')
    expect((await plan(setting)).answer).toMatchObject({
      outcome: 'placed',
      placement: { zone: 'cn-hangzhou-h' },
    })
    await note('cn-hangzhou-h')
    const { answer } = await plan(setting)
    expect(answer).toMatchObject({
      outcome: 'wait',
      cause: 'capacity',
      reason: expect.stringContaining('OperationDenied.NoStock'),
    })
    expect(answer.outcome === 'wait' ? answer.waitMs : 0).toBeGreaterThan(170_000)
    setting.skip(181_000)
    expect((await plan(setting)).answer.outcome).toBe('placed')
  })

  test('takes on-demand in place of spot only while there is none', async () => {
    const setting = await openSetting()
    const [place] = SPEC.placements
    if (!place) throw new Error('the spec names no placement')
    const placements = [
      { ...place, spot: {} },
      { ...place, fallback: true as const },
    ]
    const ask = async (placementPolicy: 'order' | 'weighted') => {
      const spec = { ...SPEC, placements, placementPolicy }
      const record = recordOf(keyOf(), { phase: 'waiting' })
      const { answer } = await run(setting.activities.planLaunch, { key: keyOf(), launch: 1, spec, record })
      return answer.outcome === 'placed' && answer.placement.spot !== undefined ? 'spot' : 'on-demand'
    }
    const both = async () => [await ask('order'), await ask('weighted')]
    expect(await both()).toEqual(['spot', 'spot'])
    const { zone, instanceType } = place
    const spot = { region: SPEC.region, zone, instanceType, spot: true }
    await setting.store.capacity.note(spot, 'OperationDenied.NoStock', setting.deps.clock())
    expect(await both()).toEqual(['on-demand', 'on-demand'])
    setting.skip(181_000)
    expect(await both()).toEqual(['spot', 'spot'])
  })
})

describe('judgeSilence', () => {
  async function fleetOf(setting: Setting, ready: number, silent: number) {
    for (let slot = 1; slot <= ready + silent; slot++) {
      const phase = slot <= silent ? 'silent' : 'ready'
      await setting.store.hosts.record(recordOf(keyOf(slot), { phase }), setting.deps.clock())
    }
  }
  const judge = (setting: Setting) =>
    run(setting.activities.judgeSilence, {
      key: keyOf(1),
      heartbeatTimeoutMs: 90_000,
      silentGraceMs: 300_000,
      record: recordOf(keyOf(1), { phase: 'silent', seq: 2 }),
    })
  async function apiSince(setting: Setting, ageMs: number) {
    const now = setting.deps.clock()
    await setting.store.pulses.beat('api-1', now - ageMs, now)
  }

  test('lets one silent host of many be replaced while our API listens', async () => {
    const setting = await openSetting()
    await fleetOf(setting, 9, 1)
    await apiSince(setting, 3_600_000)
    expect((await judge(setting)).answer).toMatchObject({ verdict: 'replace' })
  })

  test('waits when the whole fleet is silent, when too many are, and when our API was away', async () => {
    const setting = await openSetting()
    await fleetOf(setting, 0, 3)
    await apiSince(setting, 3_600_000)
    expect((await judge(setting)).answer).toMatchObject({
      verdict: 'wait',
      reason: expect.stringContaining('outage'),
    })
    await fleetOf(setting, 4, 5)
    expect((await judge(setting)).answer).toMatchObject({
      verdict: 'wait',
      reason: expect.stringContaining('5 of 9'),
    })
    await fleetOf(setting, 9, 1)
    setting.skip(120_000)
    expect((await judge(setting)).answer).toMatchObject({
      verdict: 'wait',
      reason: expect.stringContaining('our own API'),
    })
    await apiSince(setting, 10_000)
    expect((await judge(setting)).answer).toMatchObject({
      verdict: 'wait',
      reason: expect.stringContaining('listened for 10 s'),
    })
  })

  test('leaves the word of the judge in log and row', async () => {
    const setting = await openSetting()
    await fleetOf(setting, 1, 1)
    await judge(setting)
    expect(setting.log.join()).toContain('silent host judged: our own API is away')
    const row = await setting.store.hosts.get('render/00001')
    expect(row?.reason).toBe('our own API is away: no host can be heard')
  })
})

test('tellAgent leaves one command however often it is tried', async () => {
  const setting = await openSetting()
  const input = { key: keyOf(), command: 'drain' as const, record: recordOf(keyOf(), { phase: 'draining' }) }
  await setting.store.hosts.record(recordOf(keyOf(), { phase: 'ready', seq: 0 }), setting.deps.clock())
  await run(setting.activities.tellAgent, input)
  await run(setting.activities.tellAgent, input, { attempt: 2 })
  expect(await setting.store.commands.pending(keyOf())).toMatchObject([{ kind: 'drain' }])
  expect((await setting.store.hosts.get('render/00001'))?.phase).toBe('draining')
})

test('watchAgent stays open for the API to keep alive', async () => {
  const setting = await openSetting()
  await expect(run(setting.activities.watchAgent, keyOf())).rejects.toThrow(CompleteAsyncError)
})

test('watchAgent writes that a silent host is heard again: nothing else happens to it', async () => {
  const setting = await openSetting()
  await setting.store.hosts.record(recordOf(keyOf(), { phase: 'silent' }), setting.deps.clock())
  const record = recordOf(keyOf(), { phase: 'ready' })
  await expect(run(setting.activities.watchAgent, { ...keyOf(), record })).rejects.toThrow(CompleteAsyncError)
  expect((await setting.store.hosts.get('render/00001'))?.phase).toBe('ready')
})
