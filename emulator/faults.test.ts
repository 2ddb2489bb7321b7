import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator, FaultInput } from './index.ts'
import type { RecordingRoom } from './testing/recording-room.ts'
import { codeOf, Ecs, GOOD_LAUNCH, sdkClient, startTestEmulator, until } from './testing/sdk.ts'
import type { EcsClient } from './testing/sdk.ts'

let emulator: Emulator
let client: EcsClient
let room: RecordingRoom
beforeEach(async () => {
  ;({ emulator, client, room } = await startTestEmulator())
})
afterEach(() => emulator.close())

async function run(change: object = {}, by: EcsClient = client): Promise<string> {
  const made = await by.runInstances(new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, ...change }))
  return made.body!.instanceIdSets!.instanceIdSet![0]!
}

const hostTags = (host: string, attempt: number) => [
  new Ecs.RunInstancesRequestTag({ key: 'muster:host', value: host }),
  new Ecs.RunInstancesRequestTag({ key: 'muster:attempt', value: String(attempt) }),
]
const see = async (id: string) =>
  (
    await client.describeInstances(
      new Ecs.DescribeInstancesRequest({ regionId: 'cn-hangzhou', instanceIds: JSON.stringify([id]) }),
    )
  ).body!.instances!.instance![0]
const regions = () => client.describeRegions(new Ecs.DescribeRegionsRequest({}))
const fault = (input: FaultInput) => emulator.addFault(input)

describe('faults on calls', () => {
  test('an error with the cloud’s own status and words, as often as told', async () => {
    fault({ action: 'DescribeRegions', count: 2, effect: { type: 'error', code: 'InternalError' } })
    expect(await codeOf(regions())).toBe('InternalError')
    await expect(regions()).rejects.toMatchObject({ statusCode: 500 })
    expect((await regions()).statusCode).toBe(200)
    fault({ effect: { type: 'error', code: 'ServiceUnavailable', httpStatus: 503, message: 'later' } })
    await expect(regions()).rejects.toMatchObject({
      statusCode: 503,
      message: expect.stringContaining('later'),
    })
  })

  test('an HTML page, which the SDK cannot read', async () => {
    fault({ action: 'RunInstances', count: 1, effect: { type: 'htmlBody', status: 502 } })
    await expect(run()).rejects.toBeInstanceOf(SyntaxError)
    expect(emulator.cloud.instances.size).toBe(0)
  })

  test('throttling with the time to wait', async () => {
    fault({ action: 'DescribeRegions', count: 1, effect: { type: 'throttle', retryAfterMs: 1500 } })
    await expect(regions()).rejects.toMatchObject({ code: 'Throttling.User', retryAfter: 1500 })
  })

  test('a reset before the work leaves nothing, one after it leaves an instance that the token finds again', async () => {
    fault({ action: 'RunInstances', count: 1, effect: { type: 'resetBefore' } })
    expect(await codeOf(run({ clientToken: 'a' }))).toBe('ECONNRESET')
    expect(emulator.cloud.instances.size).toBe(0)
    fault({ action: 'RunInstances', count: 1, effect: { type: 'resetAfter' } })
    expect(await codeOf(run({ clientToken: 'a' }))).toBe('ECONNRESET')
    expect(emulator.cloud.instances.size).toBe(1)
    const id = await run({ clientToken: 'a' })
    expect([...emulator.cloud.instances.newestFirst()].map((one) => one.instanceId)).toEqual([id])
  })

  test('silence until the client gives up, before or after the work', async () => {
    const impatient = sdkClient(emulator, { readTimeout: 200 })
    fault({ action: 'RunInstances', count: 1, effect: { type: 'hang' } })
    await expect(run({}, impatient)).rejects.toMatchObject({ name: 'RequestTimeoutError' })
    expect(emulator.cloud.instances.size).toBe(0)
    fault({ action: 'RunInstances', count: 1, effect: { type: 'hang', when: 'after' } })
    await expect(run({ clientToken: 'a' }, impatient)).rejects.toMatchObject({ name: 'RequestTimeoutError' })
    expect(emulator.cloud.instances.size).toBe(1)
    expect(emulator.recorder.counts()['RunInstances']).toEqual({ hang: 2 })
  })

  test('no stock in one zone, for one type', async () => {
    fault({
      action: 'RunInstances',
      match: { zoneId: 'cn-hangzhou-g', instanceType: 'ecs.c7.*' },
      effect: { type: 'stockOut' },
    })
    expect(await codeOf(run())).toBe('OperationDenied.NoStock')
    expect(await run({ instanceType: 'ecs.g7.large' })).toMatch(/^i-/)
    expect(await run({ zoneId: undefined, vSwitchId: 'vsw-bp1default0000000000h' })).toMatch(/^i-/)
  })

  test('only the host, attempt and instance it names, after calls let through', async () => {
    fault({
      action: 'RunInstances',
      match: { host: 'demo/00002', tags: { 'muster:attempt': 1 } },
      effect: { type: 'error', code: 'Throttling' },
    })
    expect(await codeOf(run({ tag: hostTags('demo/00002', 1) }))).toBe('Throttling')
    await run({ tag: hostTags('demo/00002', 2) })
    const id = await run({ tag: hostTags('demo/00003', 1) })
    fault({
      action: ['DeleteInstance', 'StopInstance'],
      after: 1,
      count: 1,
      match: { host: 'demo/*' },
      effect: { type: 'error', code: 'IncorrectInstanceStatus' },
    })
    const stop = () => client.stopInstance(new Ecs.StopInstanceRequest({ instanceId: id, dryRun: true }))
    expect(await codeOf(stop())).toBe('DryRunOperation')
    expect(await codeOf(stop())).toBe('IncorrectInstanceStatus')
    expect(await codeOf(stop())).toBe('DryRunOperation')
  })

  test('with a probability, the same way for the same seed', async () => {
    const outcomes = async (): Promise<string> => {
      fault({
        id: 'some',
        action: 'DescribeRegions',
        probability: 0.5,
        seed: 'x',
        effect: { type: 'error', code: 'Throttling' },
      })
      let text = ''
      for (let n = 0; n < 20; n += 1)
        text += await regions().then(
          () => '.',
          () => 'x',
        )
      return text
    }
    const first = await outcomes()
    expect(first).toMatch(/x/)
    expect(first).toMatch(/\./)
    expect(await outcomes()).toBe(first)
  })

  test('a rate limit refuses until the next minute, by action and region', async () => {
    let wallMs = Math.floor(Date.now() / 60_000) * 60_000 + 1000
    await emulator.close()
    ;({ emulator, client } = await startTestEmulator({
      wallNow: () => wallMs,
      initial: { rateLimits: { DescribeZones: 2 } },
    }))
    const zones = (regionId: string) => client.describeZones(new Ecs.DescribeZonesRequest({ regionId }))
    await zones('cn-hangzhou')
    await zones('cn-hangzhou')
    await expect(zones('cn-hangzhou')).rejects.toMatchObject({ code: 'Throttling.User', retryAfter: 59_000 })
    await zones('cn-beijing')
    wallMs += 59_000
    await zones('cn-hangzhou')
  })
})

describe('faults on instances', () => {
  test('mute agents and wrong identities, for the instances they name and as many as told', async () => {
    fault({ match: { host: 'demo/00002', tags: { 'muster:attempt': '1' } }, effect: { type: 'muteAgent' } })
    fault({ match: { host: 'demo/00009' }, count: 1, effect: { type: 'wrongIdentity' } })
    const agents = [
      await run({ tag: hostTags('demo/00002', 1) }),
      await run({ tag: hostTags('demo/00002', 2) }),
      await run({ tag: hostTags('demo/00009', 1) }),
      await run({ tag: hostTags('demo/00009', 2) }),
    ]
    const behaviour = (id: string) => room.machines.get(id)!.spec.behaviour.agent
    await until(() => room.machines.size === 4, 'machines made')
    expect(agents.map(behaviour)).toEqual(['mute', 'none', 'wrongIdentity', 'none'])
  })

  test('an address that comes late, or never', async () => {
    fault({ count: 1, effect: { type: 'lateIp', seconds: 30 } })
    const late = await run()
    const addresses = async (id: string) => (await see(id))!.vpcAttributes!.privateIpAddress!.ipAddress
    expect(await addresses(late)).toEqual([])
    emulator.setClock({ advanceSeconds: 30 })
    expect(await addresses(late)).toHaveLength(1)
    fault({ count: 1, effect: { type: 'missingIp' } })
    const never = await run()
    emulator.setClock({ advanceSeconds: 3600 })
    expect(await addresses(never)).toEqual([])
  })

  test('an id that comes late is not found meanwhile, not even for a delete', async () => {
    fault({ count: 1, effect: { type: 'lateId', seconds: 30 } })
    const id = await run()
    expect(await see(id)).toBeUndefined()
    expect(
      await codeOf(client.deleteInstance(new Ecs.DeleteInstanceRequest({ instanceId: id, force: true }))),
    ).toBe('InvalidInstanceId.NotFound')
    emulator.setClock({ advanceSeconds: 30 })
    expect((await see(id))?.status).toBe('Running')
  })

  test('an instance accepted and then gone leaves SystemFailure.Delete', async () => {
    emulator.setClock({ policy: { startingToRunning: 'manual' } })
    fault({ count: 1, effect: { type: 'vanish', afterSeconds: 5 } })
    const id = await run()
    emulator.setClock({ advanceSeconds: 5 })
    await until(() => emulator.cloud.instances.get(id) === undefined, 'instance gone')
    const events = await client.describeInstanceHistoryEvents(
      new Ecs.DescribeInstanceHistoryEventsRequest({ regionId: 'cn-hangzhou', instanceId: id }),
    )
    expect(events.body!.instanceSystemEventSet!.instanceSystemEventType).toMatchObject([
      {
        instanceId: id,
        eventType: { name: 'SystemFailure.Delete' },
        eventCycleStatus: { code: 0, name: 'Executed' },
      },
    ])
    const scheduled = await client.describeInstanceHistoryEvents(
      new Ecs.DescribeInstanceHistoryEventsRequest({
        regionId: 'cn-hangzhou',
        instanceId: id,
        instanceEventCycleStatus: ['Scheduled'],
      }),
    )
    expect(scheduled.body!.totalCount).toBe(0)
  })

  test('events are listed newest first, page after page', async () => {
    fault({ effect: { type: 'vanish', afterSeconds: 5 } })
    const ids: string[] = []
    for (let n = 0; n < 12; n += 1) ids.push(await run())
    emulator.setClock({ advanceSeconds: 5 })
    await until(() => emulator.cloud.instances.size === 0, 'instances gone')
    const page = async (nextToken?: string) =>
      (
        await client.describeInstanceHistoryEvents(
          new Ecs.DescribeInstanceHistoryEventsRequest({
            regionId: 'cn-hangzhou',
            maxResults: 10,
            ...(nextToken === undefined ? {} : { nextToken }),
          }),
        )
      ).body!
    const first = await page()
    const second = await page(first.nextToken)
    const seen = [first, second].flatMap((one) => one.instanceSystemEventSet!.instanceSystemEventType!)
    expect(seen.map((event) => event.instanceId)).toEqual(ids.toReversed())
    expect(second.nextToken).toBe('')
  })

  test('a spot reclaim locks, tells the machine and takes it after the notice', async () => {
    const spot = { spotStrategy: 'SpotAsPriceGo', tag: hostTags('demo/00001', 1) }
    const id = await run(spot)
    await until(() => room.machines.get(id)?.on, 'machine on')
    fault({ match: { host: 'demo/00001' }, count: 1, effect: { type: 'spotReclaim' } })
    emulator.setClock({ advanceSeconds: 0 })
    expect((await see(id))!.operationLocks!.lockReason!.map(({ lockReason }) => lockReason)).toEqual([
      'Recycling',
    ])
    const locked = await client.describeInstances(
      new Ecs.DescribeInstancesRequest({ regionId: 'cn-hangzhou', lockReason: 'Recycling' }),
    )
    expect(locked.body!.totalCount).toBe(1)
    const announced = room.machines.get(id)!.spotTermination!
    expect(announced.getTime() - emulator.cloud.clock.now()).toBeGreaterThan(290_000)
    emulator.setClock({ advanceSeconds: 299 })
    expect((await see(id))?.status).toBe('Running')
    emulator.setClock({ advanceSeconds: 2 })
    await until(() => emulator.cloud.instances.get(id) === undefined, 'instance gone')
  })

  test('a reclaim of instances to come begins once they run, and stops those that asked for it', async () => {
    fault({ count: 1, effect: { type: 'spotReclaim', afterSeconds: 60, noticeSeconds: 10 } })
    const id = await run({ spotStrategy: 'SpotAsPriceGo', spotInterruptionBehavior: 'Stop' })
    emulator.setClock({ advanceSeconds: 60 })
    expect(emulator.cloud.instances.get(id)!.locks).toEqual(['Recycling'])
    emulator.setClock({ advanceSeconds: 10 })
    await until(() => emulator.cloud.instances.get(id)!.status === 'Stopped', 'Stopped')
    expect(emulator.cloud.instances.get(id)!.locks).toEqual([])
  })
})

test('a malformed fault is refused with the field’s name', () => {
  expect(() => fault({ effect: { type: 'explode' } } as unknown as FaultInput)).toThrow(/effect/)
  expect(() => fault({ effect: { type: 'stockOut' }, counts: 3 } as unknown as FaultInput)).toThrow(/counts/)
})
