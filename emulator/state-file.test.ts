import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Emulator, EmulatorOptions } from './index.ts'
import type { RecordingRoom } from './testing/recording-room.ts'
import { codeOf, Ecs, GOOD_LAUNCH, startTestEmulator, until } from './testing/sdk.ts'
import type { EcsClient } from './testing/sdk.ts'

let folder: string
let stateFile: string
let emulator: Emulator
let client: EcsClient
let room: RecordingRoom
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-emulator-'))
  stateFile = join(folder, 'cloud', 'state.jsonl')
})
afterEach(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true })
})

async function start(options: Partial<EmulatorOptions> = {}): Promise<void> {
  ;({ emulator, client, room } = await startTestEmulator({ stateFile, ...options }))
}

async function run(change: object = {}): Promise<string> {
  const made = await client.runInstances(new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, ...change }))
  return made.body!.instanceIdSets!.instanceIdSet![0]!
}

function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

test.skipIf(process.platform === 'win32')(
  'nobody else may read the file: user data carries tokens',
  async () => {
    await start()
    await run({ userData: Buffer.from('very secret').toString('base64') })
    expect(statSync(stateFile).mode & 0o777).toBe(0o600)
  },
)

test('instances, tags, addresses and tokens survive; running machines are powered on again', async () => {
  await start()
  const id = await run({ clientToken: 'a', tag: [new Ecs.RunInstancesRequestTag({ key: 'k', value: 'v' })] })
  const removed = await run()
  await client.tagResources(
    new Ecs.TagResourcesRequest({
      regionId: 'cn-hangzhou',
      resourceType: 'instance',
      resourceId: [id],
      tag: [new Ecs.TagResourcesRequestTag({ key: 'later', value: '1' })],
    }),
  )
  await client.deleteInstance(new Ecs.DeleteInstanceRequest({ instanceId: removed, force: true }))
  await until(() => emulator.cloud.instances.get(removed) === undefined, 'instance gone')
  const before = structuredClone(emulator.cloud.instances.get(id)!)
  await emulator.close()

  await start()
  expect(emulator.cloud.instances.newestFirst()).toEqual([before])
  await until(() => room.machines.get(id)?.on, 'machine on again')
  expect(
    await run({ clientToken: 'a', tag: [new Ecs.RunInstancesRequestTag({ key: 'k', value: 'v' })] }),
  ).toBe(id)
  expect(await codeOf(run({ clientToken: 'a' }))).toBe('IdempotentParameterMismatch')
  expect(await codeOf(run({ privateIpAddress: before.privateIp }))).toBe('InvalidIPAddress.AlreadyUsed')
})

test('the same seed gives no id twice over a restart', async () => {
  await start({ seed: 'same' })
  const first = await run()
  await emulator.close()
  await start({ seed: 'same' })
  expect(await run()).not.toBe(first)
})

test('changes under way go on, and release times and reclaims still come', async () => {
  await start({ clockPolicy: { pendingToStarting: 'manual', boot: 'immediate' } })
  const pending = await run()
  await emulator.close()
  await start()
  await until(() => emulator.cloud.instances.get(pending)?.status === 'Running', 'Running')
  const released = await run({ autoReleaseTime: utc(Date.now() + 40 * 60_000) })
  const reclaimed = await run({
    spotStrategy: 'SpotAsPriceGo',
    tag: [new Ecs.RunInstancesRequestTag({ key: 'muster:host', value: 'x' })],
  })
  emulator.addFault({ match: { host: 'x' }, effect: { type: 'spotReclaim', noticeSeconds: 600 } })
  emulator.setClock({ advanceSeconds: 0 })
  await emulator.close()

  await start()
  expect(emulator.cloud.instances.get(reclaimed)!.locks).toEqual(['Recycling'])
  await until(() => room.machines.get(reclaimed)?.spotTermination, 'machine told again')
  emulator.setClock({ advanceSeconds: 11 * 60 })
  await until(() => emulator.cloud.instances.get(reclaimed) === undefined, 'reclaimed instance gone')
  emulator.setClock({ advanceSeconds: 30 * 60 })
  await until(() => emulator.cloud.instances.get(released) === undefined, 'released instance gone')
})

test('seeds survive, and stock counts what lives', async () => {
  await start()
  emulator.seed({ stock: [{ zoneId: 'cn-hangzhou-g', instanceType: 'ecs.c7.large', available: 3 }] })
  await run({ amount: 2 })
  await emulator.close()
  await start()
  const left = () => emulator.cloud.capacity.stock('cn-hangzhou-g', 'ecs.c7.large')
  expect(left()).toBe(1)
  emulator.seed({ stock: [{ zoneId: 'cn-hangzhou-g', instanceType: 'ecs.c7.large', available: 9 }] })
  await run()
  await emulator.close()
  await start()
  expect(left()).toBe(8)
})

test('half a last line is dropped, a spoilt file is named', async () => {
  await start()
  const id = await run()
  await emulator.close()
  appendFileSync(stateFile, '{"instance":{"instan')
  await start()
  expect(emulator.cloud.instances.get(id)).toBeDefined()
  await emulator.close()
  writeFileSync(stateFile, 'not json\n')
  await expect(start()).rejects.toThrow(/Line 1 .*state\.jsonl.* Remove the file/)
})

test('an answered call is in the file before the process could die', async () => {
  await start()
  const id = await run()
  // Read as a second emulator would after kill -9: nothing was closed or flushed.
  const copy = await startTestEmulator({ stateFile })
  expect(copy.emulator.cloud.instances.get(id)?.status).toBe('Running')
  await copy.emulator.close()
})
