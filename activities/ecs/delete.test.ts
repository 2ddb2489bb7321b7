import { ApplicationFailure } from '@temporalio/common'
import { describe, expect, test } from 'vitest'
import { TAGS } from '../../domain/tags.ts'
import type { DeleteInput } from '../contract.ts'
import { createEcsActivities } from '../index.ts'
import {
  breakable,
  failedTry,
  instanceInput,
  keyOf,
  launchInput,
  openSetting,
  recordOf,
  run,
  untilDone,
} from '../testing/setting.ts'
import type { Setting } from '../testing/setting.ts'

function deleteInput(
  instanceId: string | undefined,
  key = keyOf(),
  change: Partial<DeleteInput> = {},
): DeleteInput {
  const { instanceId: _, ...query } = instanceInput('', key, { phase: 'deleting', seq: 2 })
  return {
    ...query,
    ...(instanceId === undefined ? {} : { instanceId }),
    reason: 'mute for 20:00',
    recordWhenGone: recordOf(key, { phase: 'waiting', seq: 3 }),
    ...change,
  }
}
const left = ({ emulator }: Setting) => emulator.cloud.instances.size

describe('deleting', () => {
  test('goes on until the cloud no longer lists the instance, then frees its address', async () => {
    const setting = await openSetting()
    const instanceId = await setting.launched()
    const running = await run(setting.activities.awaitRunning, instanceInput(instanceId))
    const privateIp = running.answer.outcome === 'running' ? running.answer.privateIp : ''
    const { failure } = await failedTry(setting.activities.deleteInstance, deleteInput(instanceId))
    expect(failure).toMatchObject({ type: 'NotYet', category: 'BENIGN' })
    expect((await setting.store.hosts.get('render/00001'))?.phase).toBe('deleting')
    const { answer } = await untilDone(setting.activities.deleteInstance, deleteInput(instanceId))
    expect(answer).toEqual({
      deleted: expect.toSatisfy((ids: string[]) => ids.every((id) => id === instanceId)),
    })
    expect(left(setting)).toBe(0)
    expect(await setting.store.addresses.byIp(privateIp)).toBeUndefined()
    expect((await setting.store.hosts.get('render/00001'))?.phase).toBe('waiting')
  })

  test('sends one delete and names what it deleted', async () => {
    const setting = await openSetting()
    const instanceId = await setting.launched()
    const { answer } = await untilDone(setting.activities.deleteInstance, deleteInput(instanceId))
    expect(answer).toEqual({ deleted: [instanceId] })
    expect(setting.calls('DeleteInstances')).toBe(1)
    expect(setting.log.join()).toContain('mute for 20:00')
  })

  test('of an instance that is still Pending waits until it may be deleted', async () => {
    const setting = await openSetting({
      emulator: {
        clockPolicy: { pendingToStarting: { afterSeconds: 0.4 }, startingToRunning: { afterSeconds: 0.2 } },
      },
    })
    const instanceId = await setting.launched()
    const said: string[] = []
    const { answer } = await untilDone(setting.activities.deleteInstance, deleteInput(instanceId), {
      onFailure: ({ message, category }) => said.push(`${category}: ${message}`),
    })
    expect(said[0]).toBe(`BENIGN: ${instanceId} is still Pending`)
    expect(answer).toEqual({ deleted: [instanceId] })
    expect(setting.emulator.recorder.counts()['DeleteInstances']).toEqual({ OK: 1 })
  })

  test('of an instance that never stops being Pending is asked for after two minutes, refused, and tried on', async () => {
    const setting = await openSetting({
      emulator: { clockPolicy: { pendingToStarting: 'manual', startingToRunning: 'immediate' } },
    })
    const instanceId = await setting.launched()
    const first = await failedTry(setting.activities.deleteInstance, deleteInput(instanceId))
    expect(first.failure.message).toBe(`${instanceId} is still Pending`)
    setting.skip(120_000)
    const second = await failedTry(setting.activities.deleteInstance, deleteInput(instanceId), {
      heartbeatDetails: first.details,
    })
    expect(second.failure).toMatchObject({
      type: 'IncorrectInstanceStatus.Initializing',
      category: 'BENIGN',
      nonRetryable: false,
    })
    setting.emulator.setClock({ advance: { instanceId } })
    const { answer } = await untilDone(setting.activities.deleteInstance, deleteInput(instanceId))
    expect(answer).toEqual({ deleted: [instanceId] })
  })

  test('that was reset after the work was done is found done', async () => {
    const setting = await openSetting()
    const instanceId = await setting.launched()
    setting.fault({ action: 'DeleteInstances', count: 1, effect: { type: 'resetAfter' } })
    const { answer } = await untilDone(setting.activities.deleteInstance, deleteInput(instanceId))
    expect(answer).toEqual({ deleted: [instanceId] })
    expect(left(setting)).toBe(0)
  })

  test('an instance under deletion protection tells a person, and works once the protection is off', async () => {
    const setting = await openSetting()
    const instanceId = await setting.launched()
    const instance = setting.emulator.cloud.instances.get(instanceId)
    if (instance) instance.deletionProtection = true
    const { failure, details } = await failedTry(setting.activities.deleteInstance, deleteInput(instanceId))
    expect(failure).toMatchObject({
      type: 'InvalidOperation.DeletionProtection',
      nonRetryable: false,
      nextRetryDelay: 60_000,
    })
    expect(failure.category).not.toBe('BENIGN')
    expect((await setting.store.hosts.get('render/00001'))?.phase).toBe('deleting')
    if (instance) instance.deletionProtection = false
    await failedTry(setting.activities.deleteInstance, deleteInput(instanceId), { heartbeatDetails: details })
    await untilDone(setting.activities.deleteInstance, deleteInput(instanceId))
    expect(left(setting)).toBe(0)
  })
})

test('a delete goes out although the store is away, and the record follows', async () => {
  const setting = await openSetting()
  const instanceId = await setting.launched()
  let broken = true
  const { deleteInstance } = createEcsActivities({
    ...setting.deps,
    store: breakable(setting.store, () => broken),
  })
  await expect(run(deleteInstance, deleteInput(instanceId))).rejects.toThrow('disk full')
  expect(setting.calls('DeleteInstances')).toBe(1)
  broken = false
  await untilDone(deleteInstance, deleteInput(instanceId))
  expect((await setting.store.hosts.get('render/00001'))?.phase).toBe('waiting')
})

describe('an instance that is not ours', () => {
  test.each([TAGS.controller, TAGS.namespace, TAGS.host, TAGS.generation, TAGS.attempt])(
    'by its tag %s is never deleted',
    async (tag) => {
      const setting = await openSetting()
      const instanceId = await setting.launched()
      const instance = setting.emulator.cloud.instances.get(instanceId)
      if (instance) setting.emulator.cloud.instances.setTags(instance, { [tag]: 'another' })
      const refused = run(setting.activities.deleteInstance, deleteInput(instanceId))
      await expect(refused).rejects.toThrow(ApplicationFailure)
      await expect(refused).rejects.toMatchObject({
        type: 'ForeignInstance',
        nonRetryable: true,
        message: expect.stringContaining(
          `refuses to delete ${instanceId}: tagged for another: ${tag} is "another"`,
        ),
      })
      expect(setting.calls('DeleteInstances')).toBe(0)
      expect(left(setting)).toBe(1)
    },
  )

  test('for want of any tag is given the time a fresh one may need, and then refused', async () => {
    const setting = await openSetting({ deps: { visibleAfterMs: 60_000 } })
    const instanceId = await setting.launched()
    const instance = setting.emulator.cloud.instances.get(instanceId)
    if (instance) setting.emulator.cloud.instances.removeTags(instance, 'all')
    const { failure, details } = await failedTry(setting.activities.deleteInstance, deleteInput(instanceId))
    expect(failure).toMatchObject({ type: 'NotYet', nonRetryable: false })
    setting.skip(60_000)
    const refused = run(setting.activities.deleteInstance, deleteInput(instanceId), {
      heartbeatDetails: details,
    })
    await expect(refused).rejects.toMatchObject({ type: 'ForeignInstance', nonRetryable: true })
    expect(setting.calls('DeleteInstances')).toBe(0)
  })

  test('by tags is not found, so nothing of another attempt is deleted', async () => {
    const setting = await openSetting()
    await setting.launched(keyOf(1, 2))
    await setting.launched(keyOf(2, 1))
    const { answer } = await untilDone(setting.activities.deleteInstance, deleteInput(undefined))
    expect(answer).toEqual({ deleted: [] })
    expect(left(setting)).toBe(2)
  })
})

describe('gone', () => {
  test('is not believed of a fresh id that is not listed yet: it is deleted once it shows', async () => {
    const setting = await openSetting()
    setting.fault({ effect: { type: 'lateId', seconds: 0.3 } })
    const instanceId = await setting.launched()
    const { answer } = await untilDone(setting.activities.deleteInstance, deleteInput(instanceId))
    expect(answer).toEqual({ deleted: [instanceId] })
    expect(left(setting)).toBe(0)
  })

  test('takes two looks and the time a fresh id may need, when it was never seen', async () => {
    const setting = await openSetting({ deps: { visibleAfterMs: 60_000 } })
    const input = deleteInput('i-bp1neverwas000000000')
    const first = await failedTry(setting.activities.deleteInstance, input)
    setting.skip(59_000)
    const second = await failedTry(setting.activities.deleteInstance, input, {
      heartbeatDetails: first.details,
    })
    expect(second.failure.message).toContain('is not listed; a fresh one may not be visible yet')
    setting.skip(1_000)
    const { answer } = await run(setting.activities.deleteInstance, input, {
      heartbeatDetails: second.details,
    })
    expect(answer).toEqual({ deleted: [] })
  })

  test('takes two looks but no time for an instance that was launched long ago', async () => {
    const setting = await openSetting({ deps: { visibleAfterMs: 60_000 } })
    const launchedAt = setting.deps.clock() - 11 * 60_000
    const input = deleteInput('i-bp1wasreclaimed00000', keyOf(), {
      record: recordOf(keyOf(), { launchedAt, phase: 'deleting' }),
    })
    const first = await failedTry(setting.activities.deleteInstance, input)
    const { answer } = await run(setting.activities.deleteInstance, input, {
      heartbeatDetails: first.details,
    })
    expect(answer).toEqual({ deleted: [] })
  })

  test('is not believed because of details somebody else wrote', async () => {
    const setting = await openSetting({ deps: { visibleAfterMs: 60_000 } })
    const input = deleteInput('i-bp1neverwas000000000')
    const { failure } = await failedTry(setting.activities.deleteInstance, input, {
      heartbeatDetails: { seen: true },
    })
    expect(failure.type).toBe('NotYet')
  })
})

test('a delete that the cloud refused is not taken for done because of one empty list', async () => {
  const setting = await openSetting()
  const instanceId = await setting.launched()
  await untilDone(setting.activities.awaitRunning, instanceInput(instanceId))
  setting.fault({ action: 'DeleteInstances', count: 1, effect: { type: 'throttle', retryAfterMs: 10 } })
  const input = deleteInput(instanceId)
  const refused = await failedTry(setting.activities.deleteInstance, input)
  setting.blind(1)
  const blind = await failedTry(setting.activities.deleteInstance, input, {
    heartbeatDetails: refused.details,
  })
  expect(blind.failure.type).toBe('NotYet')
  expect(left(setting)).toBe(1)
  const { answer } = await untilDone(setting.activities.deleteInstance, input)
  expect(answer.deleted).toEqual([instanceId])
  expect(left(setting)).toBe(0)
})

test('without an id deletes every instance of exactly this attempt', async () => {
  const setting = await openSetting()
  const ids = [await setting.launched()]
  const second = await run(setting.activities.launchInstance, launchInput(keyOf(), { launch: 2 }))
  ids.push(second.answer.outcome === 'launched' ? second.answer.instanceId : '')
  await setting.launched(keyOf(2))
  const { answer } = await untilDone(setting.activities.deleteInstance, deleteInput(undefined))
  expect(answer.deleted.toSorted()).toEqual(ids.toSorted())
  expect(left(setting)).toBe(1)
})

test('three hundred hosts cost few describes and few deletes', { timeout: 60_000 }, async () => {
  const setting = await openSetting({ deps: { cloudGridMs: 500 }, ecs: { timeoutMs: 30_000 } })
  const keys = Array.from({ length: 300 }, (_, index) => keyOf(index + 1))
  const ids = await Promise.all(keys.map((key) => setting.launched(key)))
  const waited = await Promise.all(
    keys.map((key, index) =>
      untilDone(setting.activities.awaitRunning, instanceInput(ids[index] ?? '', key), {
        deadlineMs: 30_000,
      }),
    ),
  )
  expect(waited.every(({ answer }) => answer.outcome === 'running')).toBe(true)
  await Promise.all(
    keys.map((key, index) =>
      untilDone(setting.activities.deleteInstance, deleteInput(ids[index], key), { deadlineMs: 30_000 }),
    ),
  )
  expect(left(setting)).toBe(0)
  expect(setting.calls('RunInstances')).toBe(300)
  expect(setting.calls('DescribeInstances')).toBeLessThanOrEqual(45)
  expect(setting.calls('DeleteInstances')).toBeLessThanOrEqual(18)
})
