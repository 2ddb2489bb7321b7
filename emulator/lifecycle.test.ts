import { afterEach, describe, expect, test } from 'vitest'
import type { Emulator, EmulatorOptions } from './index.ts'
import type { RecordingRoom } from './testing/recording-room.ts'
import { codeOf, Ecs, GOOD_LAUNCH, startTestEmulator, until } from './testing/sdk.ts'
import type { EcsClient } from './testing/sdk.ts'

let emulator: Emulator
let client: EcsClient
let room: RecordingRoom
afterEach(() => emulator.close())

async function start(options: Partial<EmulatorOptions> = {}): Promise<void> {
  ;({ emulator, client, room } = await startTestEmulator(options))
}

async function run(change: object = {}): Promise<string> {
  const made = await client.runInstances(new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, ...change }))
  return made.body!.instanceIdSets!.instanceIdSet![0]!
}

const status = (instanceId: string) => emulator.cloud.instances.get(instanceId)?.status
const remove = (instanceId: string, change: object = {}) =>
  client.deleteInstance(new Ecs.DeleteInstanceRequest({ instanceId, ...change }))
const gone = (instanceId: string) => until(() => status(instanceId) === undefined, `${instanceId} gone`)
const stop = (instanceId: string, change: object = {}) =>
  client.stopInstance(new Ecs.StopInstanceRequest({ instanceId, ...change }))
const startInstance = (instanceId: string) =>
  client.startInstance(new Ecs.StartInstanceRequest({ instanceId }))

function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

describe('the way of an instance', () => {
  const MANUAL = {
    pendingToStarting: 'manual',
    startingToRunning: 'manual',
    pendingToStopped: 'manual',
    boot: 'manual',
  } as const

  test('Pending, Starting, Running, each when its time comes; the machine boots last', async () => {
    await start({ clockPolicy: { ...MANUAL } })
    const id = await run()
    expect(status(id)).toBe('Pending')
    expect(emulator.setClock({ advance: { instanceId: id } })).toBe(1)
    expect(status(id)).toBe('Starting')
    emulator.setClock({ advance: { transition: 'startingToRunning' } })
    expect(status(id)).toBe('Running')
    expect(room.machines.size).toBe(0)
    emulator.setClock({ advance: {} })
    await until(() => room.machines.get(id)?.on, 'machine on')
  })

  test('a delete while Pending or Starting is refused until it runs, and needs Force then', async () => {
    await start({ clockPolicy: { ...MANUAL, release: 'immediate' } })
    const id = await run()
    expect(await codeOf(remove(id, { force: true }))).toBe('IncorrectInstanceStatus.Initializing')
    emulator.setClock({ advance: {} })
    expect(await codeOf(remove(id, { force: true }))).toBe('IncorrectInstanceStatus.Initializing')
    emulator.setClock({ advance: {} })
    expect(await codeOf(remove(id))).toBe('IncorrectInstanceStatus')
    await remove(id, { force: true })
    await gone(id)
    expect(await codeOf(remove(id, { force: true }))).toBe('InvalidInstanceId.NotFound')
  })

  test('times after seconds pass by the clock', async () => {
    await start({
      clockPolicy: {
        pendingToStarting: { afterSeconds: 10 },
        startingToRunning: { afterSeconds: 20, jitterSeconds: 5 },
        boot: 'immediate',
      },
    })
    const id = await run()
    emulator.setClock({ advanceSeconds: 10 })
    expect(status(id)).toBe('Starting')
    emulator.setClock({ advanceSeconds: 19 })
    expect(status(id)).toBe('Starting')
    emulator.setClock({ advanceSeconds: 6 })
    expect(status(id)).toBe('Running')
  })

  test('an image brings its own boot delay', async () => {
    await start({
      initial: {
        catalogue: {
          images: [
            {
              imageId: 'm-slow',
              name: 'slow',
              os: 'linux',
              regionId: 'cn-hangzhou',
              clock: { boot: { afterSeconds: 60 } },
            },
          ],
        },
      },
    })
    const [slow, quick] = [await run({ imageId: 'm-slow' }), await run()]
    await until(() => room.machines.get(quick)?.on, 'quick machine on')
    expect(room.machines.has(slow)).toBe(false)
    emulator.setClock({ advanceSeconds: 60 })
    await until(() => room.machines.get(slow)?.on, 'slow machine on')
  })

  test('by default every status is passed within seconds of the real clock', async () => {
    await start({ clockPolicy: {} })
    const id = await run()
    expect(status(id)).toBe('Pending')
    await until(() => status(id) === 'Starting', 'Starting')
    await until(() => room.machines.get(id)?.on, 'machine on')
  })

  test('created, started, rebooted, stopped, started again, deleted', async () => {
    await start()
    const created = await client.createInstance(new Ecs.CreateInstanceRequest(GOOD_LAUNCH))
    const id = created.body!.instanceId!
    expect(status(id)).toBe('Stopped')
    expect(room.machines.size).toBe(0)
    await startInstance(id)
    await until(() => room.machines.get(id)?.on, 'machine on')
    expect(await codeOf(startInstance(id))).toBe('IncorrectInstanceStatus')
    await client.rebootInstance(new Ecs.RebootInstanceRequest({ instanceId: id }))
    await until(() => status(id) === 'Running', 'Running again')
    await stop(id, { stoppedMode: 'StopCharging' })
    await until(() => status(id) === 'Stopped', 'Stopped')
    expect(emulator.cloud.instances.get(id)!.stoppedMode).toBe('StopCharging')
    expect(await codeOf(stop(id))).toBe('IncorrectInstanceStatus')
    expect(await codeOf(client.rebootInstance(new Ecs.RebootInstanceRequest({ instanceId: id })))).toBe(
      'IncorrectInstanceStatus',
    )
    await startInstance(id)
    await until(() => room.machines.get(id)?.on, 'machine on again')
    await stop(id, { forceStop: true })
    await until(() => status(id) === 'Stopped', 'Stopped')
    await remove(id)
    await gone(id)
    expect(room.machines.get(id)!.orders).toEqual([
      'start',
      'reboot',
      'shut down',
      'start',
      'power off',
      'power off',
    ])
  })

  test('what an instance was waiting for never comes after its delete', async () => {
    await start({ clockPolicy: { ...MANUAL, release: 'immediate' } })
    const id = await run()
    emulator.setClock({ advance: {} })
    emulator.setClock({ advance: {} })
    expect(emulator.cloud.transitions.waiting()).toMatchObject([{ instanceId: id, transition: 'boot' }])
    await remove(id, { force: true })
    expect(status(id)).toBeUndefined()
    expect(emulator.setClock({ advance: {} })).toBe(0)
    expect(room.machines.has(id)).toBe(false)
  })

  test('deletion protection, dry runs and a graceful delete', async () => {
    await start()
    const id = await run({ deletionProtection: true })
    await until(() => room.machines.get(id)?.on, 'machine on')
    expect(await codeOf(remove(id, { force: true }))).toBe('InvalidOperation.DeletionProtection')
    await client.modifyInstanceAttribute(
      new Ecs.ModifyInstanceAttributeRequest({ instanceId: id, deletionProtection: false }),
    )
    expect(await codeOf(remove(id, { force: true, dryRun: true }))).toBe('DryRunOperation')
    await remove(id, { force: true, forceStop: false })
    await gone(id)
    expect(room.machines.get(id)!.orders.at(-1)).toBe('shut down')
  })

  test('DeleteInstances takes all or none', async () => {
    await start()
    const ids = [await run(), await run()]
    const removeAll = (instanceId: string[], change: object = {}) =>
      client.deleteInstances(
        new Ecs.DeleteInstancesRequest({ regionId: 'cn-hangzhou', instanceId, force: true, ...change }),
      )
    expect(await codeOf(removeAll([...ids, 'i-none']))).toBe('InvalidInstanceId.NotFound')
    expect(await codeOf(removeAll(ids, { dryRun: true }))).toBe('DRYRUN.SUCCESS')
    expect(await codeOf(removeAll(Array.from({ length: 101 }, (_, n) => `i-${n}`)))).toBe('InvalidParameter')
    expect(ids.map(status)).toEqual(['Running', 'Running'])
    await removeAll(ids, { clientToken: 'once' })
    await removeAll(ids, { clientToken: 'once' })
    await Promise.all(ids.map(gone))
  })
})

describe('the release time', () => {
  const modify = (instanceId: string, autoReleaseTime?: string) =>
    client.modifyInstanceAutoReleaseTime(
      new Ecs.ModifyInstanceAutoReleaseTimeRequest({
        instanceId,
        ...(autoReleaseTime === undefined ? {} : { autoReleaseTime }),
      }),
    )
  const describe_ = async (id: string) =>
    (
      await client.describeInstances(
        new Ecs.DescribeInstancesRequest({ regionId: 'cn-hangzhou', instanceIds: JSON.stringify([id]) }),
      )
    ).body!.instances!.instance![0]

  test('releases then, deletion protection or not, seconds cut off', async () => {
    await start()
    const at = Date.now() + 40 * 60_000
    const id = await run({ autoReleaseTime: utc(at), deletionProtection: true })
    expect((await describe_(id))!.autoReleaseTime).toBe(`${utc(at).slice(0, 16)}Z`)
    emulator.setClock({ advanceSeconds: 38 * 60 })
    expect(status(id)).toBe('Running')
    emulator.setClock({ advanceSeconds: 2 * 60 })
    await gone(id)
  })

  test('is moved and cleared', async () => {
    await start()
    const id = await run({ autoReleaseTime: utc(Date.now() + 40 * 60_000) })
    await modify(id, utc(Date.now() + 90 * 60_000))
    emulator.setClock({ advanceSeconds: 60 * 60 })
    expect(status(id)).toBe('Running')
    await modify(id)
    expect((await describe_(id))!.autoReleaseTime).toBe('')
    emulator.setClock({ advanceSeconds: 24 * 60 * 60 })
    expect(status(id)).toBe('Running')
  })

  test('is refused when malformed, too soon, or of no instance', async () => {
    await start()
    const id = await run()
    expect(await codeOf(modify(id, 'soon'))).toBe('InvalidAutoReleaseTime.Malformed')
    expect(await codeOf(modify(id, utc(Date.now() + 29 * 60_000)))).toBe('InvalidAutoReleaseTime.Malformed')
    expect(await codeOf(modify('i-none'))).toBe('InvalidInstanceId.NotFound')
  })
})

describe('attributes', () => {
  test('names, groups and user data change; user data only while Stopped', async () => {
    await start()
    const id = await run()
    const modify = (change: object) =>
      client.modifyInstanceAttribute(new Ecs.ModifyInstanceAttributeRequest({ instanceId: id, ...change }))
    await modify({ instanceName: 'renamed', hostName: 'host-1', description: 'what it is' })
    expect(emulator.cloud.instances.get(id)).toMatchObject({
      name: 'renamed',
      hostName: 'host-1',
      description: 'what it is',
    })
    expect(await codeOf(modify({ userData: 'AAAA' }))).toBe('IncorrectInstanceStatus')
    await stop(id)
    await until(() => status(id) === 'Stopped', 'Stopped')
    await modify({ userData: 'AAAA' })
    expect(emulator.cloud.instances.get(id)!.userData).toBe('AAAA')
    expect(await codeOf(modify({ securityGroupIds: ['sg-none'] }))).toBe('InvalidSecurityGroupId.NotFound')
    expect(await codeOf(modify({ instanceName: 'x' }))).toBe('InvalidInstanceName.Malformed')
  })
})

describe('evidence', () => {
  test('console output and screenshot of a Running instance, Base64', async () => {
    await start()
    const instanceId = await run()
    await until(() => room.machines.get(instanceId)?.on, 'machine on')
    const asked = { regionId: 'cn-hangzhou', instanceId }
    const console_ = await client.getInstanceConsoleOutput(
      new Ecs.GetInstanceConsoleOutputRequest({ ...asked, removeSymbols: true }),
    )
    expect(Buffer.from(console_.body!.consoleOutput!, 'base64').toString()).toBe(`booted ${instanceId}\n`)
    expect(console_.body!.lastUpdateTime).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
    const screen = await client.getInstanceScreenshot(new Ecs.GetInstanceScreenshotRequest(asked))
    expect(Buffer.from(screen.body!.screenshot!, 'base64').subarray(1, 4).toString()).toBe('PNG')
    await stop(instanceId)
    await until(() => status(instanceId) === 'Stopped', 'Stopped')
    expect(await codeOf(client.getInstanceScreenshot(new Ecs.GetInstanceScreenshotRequest(asked)))).toBe(
      'IncorrectInstanceStatus',
    )
  })
})

describe('tags', () => {
  const tag = (key: string, value: string) => new Ecs.TagResourcesRequestTag({ key, value })
  const set = (resourceId: string[], ...tags: [string, string][]) =>
    client.tagResources(
      new Ecs.TagResourcesRequest({
        regionId: 'cn-hangzhou',
        resourceType: 'instance',
        resourceId,
        tag: tags.map(([key, value]) => tag(key, value)),
      }),
    )
  const unset = (resourceId: string[], change: object) =>
    client.untagResources(
      new Ecs.UntagResourcesRequest({
        regionId: 'cn-hangzhou',
        resourceType: 'instance',
        resourceId,
        ...change,
      }),
    )
  const list = async (change: object) =>
    (
      await client.listTagResources(
        new Ecs.ListTagResourcesRequest({ regionId: 'cn-hangzhou', resourceType: 'instance', ...change }),
      )
    ).body!

  test('are set, replaced, listed and removed', async () => {
    await start()
    const id = await run({ tag: [new Ecs.RunInstancesRequestTag({ key: 'a', value: '1' })] })
    await set([id], ['a', '2'], ['b', '3'])
    const byTag = await list({ tag: [new Ecs.ListTagResourcesRequestTag({ key: 'a', value: '2' })] })
    expect(
      byTag.tagResources!.tagResource!.map(({ resourceId, tagKey, tagValue }) => [
        resourceId,
        tagKey,
        tagValue,
      ]),
    ).toEqual([[id, 'a', '2']])
    const before = await list({ tag: [new Ecs.ListTagResourcesRequestTag({ key: 'a', value: '1' })] })
    expect(before.tagResources!.tagResource).toEqual([])
    await unset([id], { tagKey: ['a'] })
    expect(emulator.cloud.instances.get(id)!.tags).toEqual({ b: '3' })
    await unset([id], { all: true })
    expect((await list({ resourceId: [id] })).tagResources!.tagResource).toEqual([])
  })

  test('are refused by the rules', async () => {
    await start()
    const id = await run()
    expect(await codeOf(set(['i-none'], ['a', '1']))).toBe('InvalidResourceId.NotFound')
    expect(await codeOf(set([id]))).toBe('MissingParameter.Tags')
    expect(await codeOf(set([id], ['aliyun-x', '1']))).toBe('InvalidTagKey.Malformed')
    expect(
      await codeOf(
        set(
          Array.from({ length: 51 }, (_, n) => `i-${n}`),
          ['a', '1'],
        ),
      ),
    ).toBe('NumberExceed.ResourceIds')
    await set([id], ...Array.from({ length: 20 }, (_, n): [string, string] => [`k${n}`, '']))
    expect(await codeOf(set([id], ['one-more', '']))).toBe('OperationDenied.QuotaExceed')
    expect(
      await codeOf(
        client.tagResources(
          new Ecs.TagResourcesRequest({
            regionId: 'cn-hangzhou',
            resourceType: 'planet',
            resourceId: [id],
            tag: [tag('a', '1')],
          }),
        ),
      ),
    ).toBe('InvalidResourceType.NotFound')
  })

  test('a tag filter of DescribeInstances sees 1,000 instances, ListTagResources all of them', async () => {
    await start()
    const tags = [new Ecs.RunInstancesRequestTag({ key: 'fleet', value: 'big' })]
    for (let made = 0; made < 1050; made += 50)
      await client.runInstances(new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, amount: 50, tag: tags }))
    const shown = await client.describeInstances(
      new Ecs.DescribeInstancesRequest({
        regionId: 'cn-hangzhou',
        tag: [new Ecs.DescribeInstancesRequestTag({ key: 'fleet', value: 'big' })],
      }),
    )
    expect(shown.body!.totalCount).toBe(1000)
    const seen = new Set<string>()
    for (let nextToken: string | undefined = undefined; nextToken !== '';) {
      const page: Awaited<ReturnType<typeof list>> = await list({
        tag: [new Ecs.ListTagResourcesRequestTag({ key: 'fleet' })],
        ...(nextToken === undefined ? {} : { nextToken }),
      })
      for (const row of page.tagResources!.tagResource!) seen.add(row.resourceId!)
      nextToken = page.nextToken!
    }
    expect(seen.size).toBe(1050)
  })
})
