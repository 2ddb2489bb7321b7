import { describe, expect, test } from 'vitest'
import { findEnrollment } from '../../agent/enrollment.ts'
import type { AttemptKey } from '../../domain/ids.ts'
import { instanceTags, TAGS } from '../../domain/tags.ts'
import { scriptedCloud } from '../testing/scripted-cloud.ts'
import {
  failedTry,
  instanceInput,
  keyOf,
  openSetting,
  OWNER,
  recordOf,
  run,
  untilDone,
} from '../testing/setting.ts'
import type { Setting } from '../testing/setting.ts'

const instance = ({ emulator }: Setting, id: string) => {
  const found = emulator.cloud.instances.get(id)
  if (!found) throw new Error(`no ${id} in the emulator`)
  return found
}

describe('a host that becomes ready', () => {
  test('has its dead-man release time cleared', async () => {
    const setting = await openSetting()
    const id = await setting.launched()
    expect(instance(setting, id).autoReleaseAtMs).toBeDefined()
    const input = { ...instanceInput(id, keyOf(), { phase: 'ready' }), privateIp: '127.0.9.9' }
    const { answer } = await run(setting.activities.becomeReady, input)
    expect(answer).toEqual({ outcome: 'done' })
    expect(instance(setting, id).autoReleaseAtMs).toBeUndefined()
    expect(await setting.store.hosts.get('render/00001')).toMatchObject({
      phase: 'ready',
      privateIp: '127.0.9.9',
    })
  })

  test('has it set anew where the fleet renews it, and later pushed', async () => {
    const setting = await openSetting()
    const id = await setting.launched()
    const inMinutes = () => ((instance(setting, id).autoReleaseAtMs ?? 0) - setting.deps.clock()) / 60_000
    await run(setting.activities.becomeReady, { ...instanceInput(id), releaseInMs: 7_200_000 })
    expect(inMinutes()).toBeGreaterThan(119)
    await run(setting.activities.renewDeadMan, { ...instanceInput(id), releaseInMs: 14_400_000 })
    expect(inMinutes()).toBeGreaterThan(239)
  })

  test('and has vanished meanwhile is gone', async () => {
    const setting = await openSetting()
    const { answer } = await run(setting.activities.becomeReady, instanceInput('i-bp1neverwas000000000'))
    expect(answer).toEqual({ outcome: 'gone', reason: expect.stringContaining('i-bp1neverwas000000000') })
    const renewed = await run(setting.activities.renewDeadMan, {
      ...instanceInput('i-bp1neverwas000000000'),
      releaseInMs: 1,
    })
    expect(renewed.answer.outcome).toBe('gone')
  })
})

describe('a preserved instance', () => {
  const preserveInput = (id: string, forMs: number) => ({
    ...instanceInput(id, keyOf(), { phase: 'deleting' }),
    forMs,
    recordWhenKept: recordOf(keyOf(), { phase: 'waiting', seq: 2 }),
  })

  test('is tagged with the time at which the cloud releases it, half an hour ahead at least', async () => {
    const setting = await openSetting()
    const id = await setting.launched()
    const { answer } = await run(setting.activities.preserveInstance, preserveInput(id, 1_800_000))
    expect(answer).toEqual({ outcome: 'done' })
    const { tags, autoReleaseAtMs } = instance(setting, id)
    expect(Date.parse(tags[TAGS.preserveUntil] ?? '')).toBe(autoReleaseAtMs)
    expect((autoReleaseAtMs ?? 0) - Date.now()).toBeGreaterThan(1_800_000)
    expect((await setting.store.hosts.get('render/00001'))?.phase).toBe('waiting')
  })

  test('that has vanished meanwhile is gone, and not written down as kept', async () => {
    const setting = await openSetting()
    const { answer } = await run(
      setting.activities.preserveInstance,
      preserveInput('i-bp1neverwas000000000', 3_600_000),
    )
    expect(answer.outcome).toBe('gone')
    expect((await setting.store.hosts.get('render/00001'))?.phase).toBe('deleting')
  })

  test('is tagged although the first try lost its answer half way', async () => {
    const setting = await openSetting()
    const id = await setting.launched()
    setting.fault({ action: 'TagResources', count: 1, effect: { type: 'resetBefore' } })
    await untilDone(setting.activities.preserveInstance, preserveInput(id, 3_600_000))
    expect(instance(setting, id).tags[TAGS.preserveUntil]).toMatch(/^20\d\d-.*:00Z$/)
  })
})

describe('a silent host', () => {
  test('that runs is alive', async () => {
    const setting = await openSetting()
    const id = await setting.launched()
    const { answer } = await run(
      setting.activities.inspectSilent,
      instanceInput(id, keyOf(), { phase: 'silent' }),
    )
    expect(answer).toEqual({ outcome: 'alive' })
    expect((await setting.store.hosts.get('render/00001'))?.phase).toBe('silent')
  })

  test('that the cloud does not list is gone only when it was missing twice', async () => {
    const setting = await openSetting()
    const input = instanceInput('i-bp1neverwas000000000')
    const { failure, details } = await failedTry(setting.activities.inspectSilent, input)
    expect(failure).toMatchObject({ type: 'NotYet', category: 'BENIGN' })
    const { answer } = await run(setting.activities.inspectSilent, input, { heartbeatDetails: details })
    expect(answer).toEqual({ outcome: 'gone', reason: 'the cloud no longer lists i-bp1neverwas000000000' })
  })

  test('stands as silent in the store although the cloud has given no answer yet', async () => {
    const setting = await openSetting()
    const input = instanceInput('i-bp1neverwas000000000', keyOf(), { phase: 'silent' })
    await failedTry(setting.activities.inspectSilent, input)
    expect((await setting.store.hosts.get('render/00001'))?.phase).toBe('silent')
  })

  test('that was missing once and is listed again is alive', async () => {
    const setting = await openSetting()
    const id = await setting.launched()
    const { answer } = await run(setting.activities.inspectSilent, instanceInput(id), {
      heartbeatDetails: { absent: true },
    })
    expect(answer).toEqual({ outcome: 'alive' })
  })

  test('that somebody stopped is gone, and one the cloud takes is reclaimed', async () => {
    const setting = await openSetting()
    const stopped = await setting.launched(keyOf(1))
    const taken = await setting.launched(keyOf(2))
    instance(setting, stopped).status = 'Stopped'
    instance(setting, taken).locks.push('Recycling')
    const [first, second] = await Promise.all([
      run(setting.activities.inspectSilent, instanceInput(stopped, keyOf(1))),
      run(setting.activities.inspectSilent, instanceInput(taken, keyOf(2))),
    ])
    expect(first.answer).toEqual({ outcome: 'gone', reason: `${stopped} is Stopped in the cloud` })
    expect(second.answer).toMatchObject({ outcome: 'reclaimed' })
  })
})

describe('finding by tags', () => {
  test('gives every instance of exactly this attempt', async () => {
    const setting = await openSetting()
    const mine = await setting.launched(keyOf(1, 2))
    await setting.launched(keyOf(1, 1))
    await setting.launched(keyOf(2, 2))
    const { instanceId: _, ...query } = instanceInput('', keyOf(1, 2))
    const { answer } = await run(setting.activities.findInstances, query)
    expect(answer).toEqual([
      {
        instanceId: mine,
        status: 'Running',
        privateIp: expect.stringMatching(/^127\./),
        mac: expect.stringMatching(/^00:16:3e:/),
      },
    ])
  })
})

describe('the instance that an agent claims while no list has one', () => {
  const ID = 'i-bp1claimed0000000000'

  /** A cloud whose list by tags is empty and that knows one instance by its id, with the tags of an attempt. */
  async function claim(claimedId: string, tagged: AttemptKey) {
    const tags = Object.entries(instanceTags(OWNER, tagged))
    const known = {
      InstanceId: ID,
      Status: 'Running',
      Tags: { Tag: tags.map(([TagKey, TagValue]) => ({ TagKey, TagValue })) },
    }
    const cloud = await scriptedCloud((call) => {
      const isAsked = call.query.get('InstanceIds') === JSON.stringify([ID])
      call.respond(200, { Instances: { Instance: isAsked ? [known] : [] } })
    })
    const setting = await openSetting({ deps: { ecs: () => cloud.ecs } })
    const { instanceId: _, ...query } = instanceInput('', keyOf(1, 2))
    const { answer } = await run(setting.activities.findInstances, { ...query, claimedId })
    return { answer, calls: cloud.calls.length }
  }

  test('is found by its id when its tags are of this attempt', async () => {
    expect((await claim(ID, keyOf(1, 2))).answer).toMatchObject([{ instanceId: ID, status: 'Running' }])
  })

  test('is not ours when its tags are of another host or attempt', async () => {
    expect(await claim(ID, keyOf(2, 2))).toEqual({ answer: [], calls: 2 })
    expect(await claim(ID, keyOf(1, 1))).toEqual({ answer: [], calls: 2 })
  })

  test('is not even asked for when it is no id', async () => {
    expect(await claim(`${ID}","i-bp1other`, keyOf(1, 2))).toEqual({ answer: [], calls: 1 })
  })
})

describe('evidence', () => {
  const kinds = async ({ store }: Setting) =>
    (await store.evidence.list('render/00001')).map(({ kind }) => kind).toSorted()
  const stored = async ({ store }: Setting, kind: 'console' | 'events') =>
    Buffer.from((await store.evidence.get('render/00001', 'a1b2c3d4e5', 1, kind))?.content ?? []).toString()

  test('is console, screenshot and events', async () => {
    const setting = await openSetting()
    const id = await setting.launched()
    const { answer } = await run(setting.activities.captureEvidence, instanceInput(id))
    expect(answer.captured.toSorted()).toEqual(['console', 'events', 'screenshot'])
    expect(await kinds(setting)).toEqual(['console', 'events', 'screenshot'])
    expect(await stored(setting, 'console')).toContain(`booted`)
    const picture = await setting.store.evidence.get('render/00001', 'a1b2c3d4e5', 1, 'screenshot')
    expect(picture?.contentType).toBe('image/png')
  })

  test('that one call does not give is noted and does not keep the others', async () => {
    const setting = await openSetting()
    const id = await setting.launched()
    setting.fault({ action: 'GetInstanceScreenshot', effect: { type: 'hang' } })
    setting.fault({ action: 'GetInstanceConsoleOutput', effect: { type: 'htmlBody' } })
    const { answer } = await run(setting.activities.captureEvidence, instanceInput(id))
    expect(answer).toEqual({ captured: ['events'] })
    expect(JSON.parse(await stored(setting, 'events'))).toMatchObject({
      missing: [
        { kind: 'console', why: expect.stringContaining('NotJson') },
        { kind: 'screenshot', why: expect.stringContaining('NoAnswer') },
      ],
    })
    expect(setting.log.join()).toContain('evidence is not complete')
  })

  test('of an instance the cloud no longer knows is none, without an error', async () => {
    const setting = await openSetting()
    const { answer } = await run(setting.activities.captureEvidence, instanceInput('i-bp1neverwas000000000'))
    expect(answer.captured).not.toContain('console')
  })

  test('has no enrollment token in the console text', async () => {
    let secret = ''
    const setting = await openSetting()
    const id = await setting.launched()
    const userData = Buffer.from(instance(setting, id).userData, 'base64').toString()
    secret = findEnrollment(userData)?.token ?? ''
    const ecs = setting.deps.ecs('cn-hangzhou')
    const machine = setting.emulator.cloud.power.machine(id)
    if (machine)
      machine.consoleOutput = () =>
        `booting\n${userData}\ntoken ${secret}\n${Buffer.from(userData).toString('base64')}\n`
    expect(await ecs.consoleOutput(id)).toContain(secret)
    await run(setting.activities.captureEvidence, instanceInput(id))
    const text = await stored(setting, 'console')
    expect(text).toContain('booting')
    expect(text).not.toContain(secret)
    expect(text).not.toContain(Buffer.from(userData).toString('base64').slice(20, 80))
    expect(text).not.toContain(secret.split('.')[3])
  })
})

test('a host that drains is not lost to a reclaim that is announced: its time is its own until it is gone', async () => {
  const setting = await openSetting()
  const [taken, stopped] = [await setting.launched(keyOf(1)), await setting.launched(keyOf(2))]
  instance(setting, taken).locks.push('Recycling')
  Object.assign(instance(setting, stopped), { status: 'Stopped', locks: ['Recycling'] })
  const draining = (id: string, slot: number) => ({
    ...instanceInput(id, keyOf(slot), { phase: 'draining' }),
    drains: true,
  })
  const { failure } = await failedTry(setting.activities.awaitLost, draining(taken, 1))
  expect(failure).toMatchObject({ type: 'NotYet', category: 'BENIGN' })
  const { answer } = await run(setting.activities.awaitLost, draining(stopped, 2))
  expect(answer).toEqual({ outcome: 'gone', reason: `${stopped} is Stopped in the cloud` })
})
