import { describe, expect, test } from 'vitest'
import { failedTry, GRID_MS, instanceInput, keyOf, openSetting, run, untilDone } from '../testing/setting.ts'

const SLOWLY = { pendingToStarting: { afterSeconds: 0.15 }, startingToRunning: { afterSeconds: 0.15 } }

describe('waiting for Running', () => {
  test('gives address and MAC, and writes them', async () => {
    const setting = await openSetting()
    const instanceId = await setting.launched()
    const { answer } = await run(
      setting.activities.awaitRunning,
      instanceInput(instanceId, keyOf(), { phase: 'booting' }),
    )
    const instance = setting.emulator.cloud.instances.get(instanceId)
    expect(answer).toEqual({
      outcome: 'running',
      privateIp: instance?.privateIp,
      mac: instance?.mac.toLowerCase(),
    })
    expect(await setting.store.addresses.byIp(instance?.privateIp ?? '')).toEqual(keyOf())
    expect(await setting.store.hosts.get('render/00001')).toMatchObject({
      phase: 'booting',
      privateIp: instance?.privateIp,
    })
  })

  test('looks once a try; not yet is expected and asked again at the next grid point', async () => {
    const setting = await openSetting({ emulator: { clockPolicy: { ...SLOWLY } } })
    const instanceId = await setting.launched()
    const input = instanceInput(instanceId, keyOf(), { phase: 'booting' })
    const { failure } = await failedTry(setting.activities.awaitRunning, input)
    expect(failure).toMatchObject({
      type: 'NotYet',
      category: 'BENIGN',
      message: expect.stringMatching(/is (Pending|Starting)$/),
    })
    expect(Number(failure.nextRetryDelay)).toBeGreaterThan(0)
    expect(Number(failure.nextRetryDelay)).toBeLessThanOrEqual(GRID_MS * 1.05 + 1)
    expect(setting.calls('DescribeInstances')).toBe(1)
    expect((await setting.store.hosts.get('render/00001'))?.phase).toBe('booting')
    const { answer } = await untilDone(setting.activities.awaitRunning, input)
    expect(answer.outcome).toBe('running')
  })

  test('does not end while the address is not listed', async () => {
    const setting = await openSetting()
    setting.fault({ effect: { type: 'lateIp', seconds: 0.4 } })
    const instanceId = await setting.launched()
    const said: string[] = []
    const { answer } = await untilDone(setting.activities.awaitRunning, instanceInput(instanceId), {
      onFailure: ({ message }) => said.push(message),
    })
    expect(said[0]).toContain('Running without an address yet')
    expect(answer).toMatchObject({ outcome: 'running', privateIp: expect.stringMatching(/^127\./) })
  })

  test('is patient with an id that is not listed yet', async () => {
    const setting = await openSetting()
    setting.fault({ effect: { type: 'lateId', seconds: 0.3 } })
    const instanceId = await setting.launched()
    const { answer, tries } = await untilDone(setting.activities.awaitRunning, instanceInput(instanceId))
    expect(answer.outcome).toBe('running')
    expect(tries).toBeGreaterThan(1)
  })

  test('ends as gone when an id stays unlisted for the time a fresh one may need', async () => {
    const setting = await openSetting()
    const startedAt = Date.now()
    const { answer } = await untilDone(
      setting.activities.awaitRunning,
      instanceInput('i-bp1neverwas000000000'),
    )
    expect(answer).toMatchObject({ outcome: 'gone', reason: expect.stringContaining('never listed') })
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(600)
  })

  test('is not ended by one empty list: a cut permission gives one too', async () => {
    const setting = await openSetting({
      emulator: { clockPolicy: { ...SLOWLY } },
      deps: { visibleAfterMs: 60_000 },
    })
    const instanceId = await setting.launched()
    const input = instanceInput(instanceId)
    const first = await failedTry(setting.activities.awaitRunning, input)
    setting.blind(1)
    const blind = await failedTry(setting.activities.awaitRunning, input, { heartbeatDetails: first.details })
    expect(blind.failure.message).toContain('not listed any more; asked once more to be sure')
    const { answer } = await untilDone(setting.activities.awaitRunning, input)
    expect(answer.outcome).toBe('running')
  })

  test('ends as gone when the cloud takes back what it had listed', async () => {
    const setting = await openSetting({
      emulator: { clockPolicy: { startingToRunning: 'manual' } },
      deps: { visibleAfterMs: 60_000 },
    })
    setting.fault({ effect: { type: 'vanish', afterSeconds: 0.4 } })
    const instanceId = await setting.launched()
    const { answer } = await untilDone(setting.activities.awaitRunning, instanceInput(instanceId))
    expect(answer).toMatchObject({ outcome: 'gone', reason: expect.stringContaining('took it back') })
  })

  test('survives a describe that is throttled, reset or HTML', async () => {
    const setting = await openSetting()
    const instanceId = await setting.launched()
    for (const effect of [
      { type: 'resetBefore' },
      { type: 'htmlBody' },
      { type: 'throttle', retryAfterMs: 10 },
    ] as const) {
      setting.fault({ action: 'DescribeInstances', count: 1, effect })
    }
    const { answer, tries } = await untilDone(setting.activities.awaitRunning, instanceInput(instanceId))
    expect(answer.outcome).toBe('running')
    expect(tries).toBe(4)
  })
})
