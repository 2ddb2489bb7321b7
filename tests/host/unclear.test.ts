import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentOf } from '../support/hand-agent.ts'
import { createWorld, type World } from '../support/world.ts'
import type { FaultInput } from '../../emulator/index.ts'
import { createEcsApi } from '../../activities/index.ts'
import { HOST_UPDATES } from '../../domain/messages.ts'
import { hostId } from '../../domain/ids.ts'
import { waitFor } from '../../cli/wait-for.ts'

/** Longer than the minute between two looks by tags. */
const LOOKUP_PAUSE_MS = 61_000

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev', agents: 'none' })
})
afterAll(() => world?.close())

const fault = (slot: number, effect: FaultInput['effect'], more: Partial<FaultInput> = {}) =>
  world.emulator.addFault({
    action: 'RunInstances',
    match: { host: hostId('render', slot) },
    effect,
    ...more,
  })

const tokens = (host: string) =>
  new Set(world.launches(host).map(({ parameters }) => parameters['ClientToken'])).size

async function becomesReady(host: string, attempt: number): Promise<void> {
  await world.until(host, 'booting', attempt)
  const agent = await agentOf(world, host, attempt)
  expect(await agent.started()).toBe(202)
  await world.until(host, 'ready', attempt)
}

async function retire(host: string, mostLive = 1): Promise<void> {
  await world.handle(host).executeUpdate(HOST_UPDATES.retire, {
    args: [{ by: 'test', why: 'seen', drain: false }],
  })
  await world.handle(host).result()
  expect(world.instances().filter((instance) => instance.host === host)).toEqual([])
  expect(world.live.most(host)).toBe(mostLive)
}

/** Two looks by tags that find nothing, a minute apart. */
async function findsNothing(host: string): Promise<void> {
  await world.when(host, 'to pause between two looks', ({ step }) => step === 'lookupPause')
  await world.skipHost(host, LOOKUP_PAUSE_MS)
}

/** When each look by tags was answered: ms of workflow time, which the skipped minute moves. */
async function looksByTags(host: string): Promise<number[]> {
  const { events } = await world.handle(host).fetchHistory()
  const looks = new Set(
    events
      ?.filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'findInstances')
      .map(({ eventId }) => String(eventId)),
  )
  return (events ?? [])
    .filter((event) => looks.has(String(event.activityTaskCompletedEventAttributes?.scheduledEventId)))
    .map(({ eventTime }) => Number(eventTime?.seconds) * 1_000 + (eventTime?.nanos ?? 0) / 1e6)
}

describe.concurrent('a launch without a clear answer', () => {
  it.each<[number, string, FaultInput['effect']]>([
    [1, 'is reset before anything was done', { type: 'resetBefore' }],
    [2, 'is reset after the instance was made (incident 5)', { type: 'resetAfter' }],
    [3, 'hangs before anything was done', { type: 'hang', when: 'before' }],
    [4, 'hangs after the instance was made (incident 5)', { type: 'hang', when: 'after' }],
    [5, 'is answered by a proxy in HTML', { type: 'htmlBody', status: 502 }],
    [6, 'is answered by HTML with status 200', { type: 'htmlBody', status: 200 }],
    [7, 'meets an internal error', { type: 'error', code: 'InternalError', httpStatus: 500 }],
    [8, 'is still being processed', { type: 'error', code: 'IdempotentProcessing' }],
  ])(
    'host %i: one that %s is asked again with its own token and makes one instance',
    async (slot, _, effect) => {
      fault(slot, effect, { count: 1 })
      const host = await world.startHost(slot)
      await becomesReady(host, 1)
      expect(world.launches(host)).toHaveLength(2)
      expect(tokens(host)).toBe(1)
      expect(world.live.made(host)).toBe(1)
      expect((await world.state(host)).current).toMatchObject({ n: 1, launch: 1 })
      await retire(host)
    },
  )

  it('one that is never answered though it worked is found by its tags', async () => {
    fault(11, { type: 'resetAfter' })
    const host = await world.startHost(11, { bootTimeoutMs: 8_000 })
    await becomesReady(host, 1)
    expect(tokens(host)).toBe(1)
    expect(world.live.made(host)).toBe(1)
    await retire(host)
    expect((await world.journal(host)).join('\n')).toMatch(
      /unclear: [\s\S]*adopted: i-\w+ adopted by its tags/,
    )
  })

  it('one that never worked is looked for twice, ended as unclear, and followed by another', async () => {
    const { id } = fault(12, { type: 'resetBefore' })
    const host = await world.startHost(12, { bootTimeoutMs: 6_000, backoff: { initialMs: 100, maxMs: 100 } })
    await findsNothing(host)
    world.emulator.cloud.faults.remove(id)
    await becomesReady(host, 2)
    expect((await world.state(host)).attempts).toMatchObject([{ n: 1, outcome: 'unclear', launches: 1 }])
    expect(tokens(host)).toBe(2)
    const [first = 0, second = 0, ...more] = await looksByTags(host)
    expect(second - first).toBeGreaterThanOrEqual(60_000)
    expect(second - first).toBeLessThan(70_000)
    expect(more).toEqual([])
    await retire(host)
  })

  it('IdempotentParameterMismatch never leads to a new token: the first instance is adopted', async () => {
    fault(13, { type: 'resetAfter' }, { count: 1 })
    fault(13, { type: 'error', code: 'IdempotentParameterMismatch' })
    const host = await world.startHost(13)
    await becomesReady(host, 1)
    expect(tokens(host)).toBe(1)
    expect(world.live.made(host)).toBe(1)
    await retire(host)
  })

  it('IdempotentParameterMismatch without an instance ends the attempt', async () => {
    fault(14, { type: 'error', code: 'IdempotentParameterMismatch' }, { count: 1 })
    const host = await world.startHost(14, { backoff: { initialMs: 100, maxMs: 100 } })
    await findsNothing(host)
    await becomesReady(host, 2)
    expect((await world.state(host)).attempts).toMatchObject([{ n: 1, outcome: 'unclear' }])
    await retire(host)
  })

  it('a missing enrollment key launches nothing, and says which key', async () => {
    const host = await world.startHost(15, {}, { api: { url: world.api.url, keyId: 'k9' } })
    await findsNothing(host)
    await world.when(host, 'to be in attempt 2', ({ current }) => current.n === 2)
    expect(world.launches(host)).toEqual([])
    await retire(host, 0)
    expect((await world.journal(host)).join('\n')).toMatch(/unclear: .*no enrollment key "k9"/)
  })

  it('two instances with the tags of one attempt are both deleted', async () => {
    // Strikes the workflow's own launches, not the one by hand.
    fault(16, { type: 'resetAfter' }, { match: { host: 'render/00016', tags: { by: 'workflow' } } })
    const spec = { bootTimeoutMs: 6_000, tags: { by: 'workflow' } }
    const host = await world.startHost(16, spec)
    const { instance } = await agentOf(world, host)
    const { endpoint, credentials } = world.emulator
    const byHand = createEcsApi({ region: 'cn-hangzhou', endpoint, protocol: 'http', credentials })
    await byHand.runInstance({
      clientToken: 'by-hand',
      imageId: instance.imageId,
      instanceType: instance.instanceType,
      zoneId: instance.zoneId,
      vSwitchId: instance.vSwitchId,
      securityGroupIds: instance.securityGroupIds,
      instanceName: 'by-hand',
      hostName: 'by-hand',
      userData: '#!/bin/sh\n',
      autoReleaseTime: new Date(Date.now() + 3_600_000).toISOString().replace(/:\d\d\.\d+Z/, ':00Z'),
      tags: { ...instance.tags, by: 'hand' },
      internetMaxBandwidthOutMbps: 0,
    })
    const next = await world.when(host, 'to be in attempt 2', ({ current }) => current.n === 2)
    expect(next.attempts).toMatchObject([
      { outcome: 'unclear', reason: expect.stringContaining('2 instances') as string },
    ])
    expect(world.emulator.cloud.instances.get(instance.instanceId)).toBeUndefined()
    await retire(host, 2)
  })

  it('incident 6: an instance that is listed late, its address later still, is no failure', async () => {
    fault(17, { type: 'lateId', seconds: 0.5 }, { action: '*' })
    fault(17, { type: 'lateIp', seconds: 1.5 }, { action: '*' })
    const host = await world.startHost(17)
    const booting = await world.when(host, 'to run', ({ step }) => step === 'awaitStarted')
    expect(booting.current).toMatchObject({ n: 1, running: true })
    expect(booting.attempts).toEqual([])
    await retire(host)
  })
})

// In a world of its own: an id may stay invisible for as long as outside, a minute.
describe('an id that is listed late', () => {
  const LOOKS = 4
  let patient: World
  beforeAll(async () => {
    patient = await createWorld({ server: 'dev', agents: 'none', visibleAfterMs: 60_000 })
  })
  afterAll(() => patient?.close())

  it('an instance that is not yet listed when it is to be deleted is deleted all the same', async () => {
    const { emulator } = patient
    const never = { type: 'lateId', seconds: 3_600 } as const
    emulator.addFault({ match: { host: 'render/00018' }, effect: never })
    const host = await patient.startHost(18)
    const { current } = await patient.when(
      host,
      'to wait for an instance that nobody lists',
      ({ step }) => step === 'awaitRunning',
    )
    const calls = (action: string) =>
      emulator.recorder
        .calls()
        .filter(
          ({ parameters, ...call }) =>
            call.action === action && JSON.stringify(parameters).includes(current.instanceId ?? '?'),
        )
    await patient.handle(host).executeUpdate(HOST_UPDATES.retire, {
      args: [{ by: 'test', why: 'seen', drain: false }],
    })
    await patient.when(host, 'to delete it', ({ step }) => step === 'delete')
    const before = calls('DescribeInstances').length
    await waitFor(`${LOOKS} looks in vain`, () => calls('DescribeInstances').length >= before + LOOKS)
    expect(await patient.state(host)).toMatchObject({ step: 'delete', attempts: [] })
    expect(calls('DeleteInstances')).toEqual([])
    expect(patient.instances()).toMatchObject([{ id: current.instanceId, host }])

    emulator.cloud.transitions.advance({ instanceId: current.instanceId, transition: 'idVisible' })
    await patient.handle(host).result()
    expect(calls('DeleteInstances').map(({ outcome }) => outcome)).toEqual(['OK'])
    expect(patient.instances()).toEqual([])
    expect(patient.live.made(host)).toBe(1)
  })
})
