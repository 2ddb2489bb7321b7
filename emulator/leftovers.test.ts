import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Emulator, EmulatorOptions, FaultInput } from './index.ts'
import { codeOf, Ecs, GOOD_LAUNCH, startTestEmulator } from './testing/sdk.ts'
import type { EcsClient } from './testing/sdk.ts'

const REGION = { regionId: 'cn-hangzhou' }
const OWNED = [{ key: 'owner', value: 'me' }]

const open: Emulator[] = []
afterEach(async () => {
  for (const emulator of open.splice(0)) await emulator.close()
})

async function start(options: Partial<EmulatorOptions> = {}) {
  const started = await startTestEmulator(options)
  open.push(started.emulator)
  return started
}

async function launch(client: EcsClient, more: object = {}): Promise<string> {
  const tag = OWNED.map((pair) => new Ecs.RunInstancesRequestTag(pair))
  const { body } = await client.runInstances(new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, tag, ...more }))
  return body?.instanceIdSets?.instanceIdSet?.[0] ?? ''
}

const release = (client: EcsClient, instanceId: string) =>
  client.deleteInstance(new Ecs.DeleteInstanceRequest({ instanceId, force: true }))

async function disks(client: EcsClient, filter: object = {}) {
  const { body } = await client.describeDisks(new Ecs.DescribeDisksRequest({ ...REGION, ...filter }))
  return body?.disks?.disk ?? []
}

async function interfaces(client: EcsClient, filter: object = {}) {
  const request = new Ecs.DescribeNetworkInterfacesRequest({ ...REGION, ...filter })
  return (
    (await client.describeNetworkInterfaces(request)).body?.networkInterfaceSets?.networkInterfaceSet ?? []
  )
}

const fault = (type: 'leaveDisk' | 'leaveInterface'): FaultInput => ({ effect: { type } })

test('an instance has its system disk, its data disks and its interface, and they go with it', async () => {
  const { client } = await start()
  const dataDisk = [new Ecs.RunInstancesRequestDataDisk({ category: 'cloud_ssd', size: 200 })]
  const instanceId = await launch(client, {
    dataDisk,
    systemDisk: new Ecs.RunInstancesRequestSystemDisk({ size: '60' }),
  })
  expect(
    (await disks(client, { instanceId })).map(({ type, size, status, device, tags }) => [
      type,
      size,
      status,
      device,
      tags?.tag?.[0]?.tagValue,
    ]),
  ).toEqual([
    ['system', 60, 'In_use', '/dev/xvda', 'me'],
    ['data', 200, 'In_use', '/dev/xvdb', 'me'],
  ])
  expect((await interfaces(client)).map(({ type, status }) => [type, status])).toEqual([['Primary', 'InUse']])
  await release(client, instanceId)
  expect(await disks(client)).toEqual([])
  expect(await interfaces(client)).toEqual([])
})

test('what is attached cannot be deleted, and what does not exist neither', async () => {
  const { client } = await start()
  await launch(client)
  const [disk] = await disks(client)
  const [nic] = await interfaces(client)
  const deleteDisk = (diskId: string) => codeOf(client.deleteDisk(new Ecs.DeleteDiskRequest({ diskId })))
  const deleteInterface = (networkInterfaceId: string) =>
    codeOf(
      client.deleteNetworkInterface(new Ecs.DeleteNetworkInterfaceRequest({ ...REGION, networkInterfaceId })),
    )
  expect(await deleteDisk(disk?.diskId ?? '')).toBe('IncorrectDiskStatus')
  expect(await deleteDisk('d-none')).toBe('InvalidDiskId.NotFound')
  expect(await deleteInterface(nic?.networkInterfaceId ?? '')).toBe('InvalidOperation.InvalidEniState')
  expect(await deleteInterface('eni-none')).toBe('InvalidEniId.NotFound')
})

test('a data disk that is not to go with its instance stays, with the tags it had', async () => {
  const { client } = await start()
  const dataDisk = [new Ecs.RunInstancesRequestDataDisk({ size: 20, deleteWithInstance: false })]
  await release(client, await launch(client, { dataDisk }))
  const tag = OWNED.map((pair) => new Ecs.DescribeDisksRequestTag(pair))
  const [left, ...more] = await disks(client, { tag, status: 'Available' })
  expect(more).toEqual([])
  expect(left).toMatchObject({ type: 'data', size: 20, instanceId: '', status: 'Available' })
  expect(Date.parse(left?.detachedTime ?? '')).toBeGreaterThan(0)
  await client.deleteDisk(new Ecs.DeleteDiskRequest({ diskId: left?.diskId }))
  expect(await disks(client)).toEqual([])
})

test('faults leave the disk and the interface of a living instance behind; tags can be set and removed', async () => {
  const { client, emulator } = await start()
  const instanceId = await launch(client)
  emulator.addFault(fault('leaveDisk'))
  emulator.addFault(fault('leaveInterface'))
  await release(client, instanceId)
  const [disk] = await disks(client)
  const [nic] = await interfaces(client, { status: 'Available' })
  expect(disk?.type).toBe('data')
  expect(nic?.type).toBe('Secondary')
  for (const [resourceType, id] of [
    ['disk', disk?.diskId ?? ''],
    ['eni', nic?.networkInterfaceId ?? ''],
  ] as const) {
    const resource = { ...REGION, resourceType, resourceId: [id] }
    const tag = [new Ecs.TagResourcesRequestTag({ key: 'seen', value: 'yes' })]
    await client.tagResources(new Ecs.TagResourcesRequest({ ...resource, tag }))
    const found = await client.listTagResources(
      new Ecs.ListTagResourcesRequest({
        ...REGION,
        resourceType,
        tag: [new Ecs.ListTagResourcesRequestTag({ key: 'seen' })],
      }),
    )
    expect(found.body?.tagResources?.tagResource?.map((one) => one.resourceId)).toEqual([id])
    await client.untagResources(new Ecs.UntagResourcesRequest({ ...resource, tagKey: ['seen'] }))
  }
  const tags = [...(await disks(client)), ...(await interfaces(client))].map((one) => one.tags?.tag ?? [])
  expect(tags.flat().map(({ tagKey }) => tagKey)).toEqual(['owner', 'owner'])
})

test('an address belongs to its interface until that is deleted', async () => {
  const { client, emulator } = await start()
  emulator.addFault({ count: 1, effect: { type: 'leaveInterface' } })
  const instanceId = await launch(client)
  const [nic] = await interfaces(client)
  const { privateIpAddress: address, networkInterfaceId } = nic ?? {}
  await release(client, instanceId)
  expect(await codeOf(launch(client, { privateIpAddress: address }))).toBe('InvalidIPAddress.AlreadyUsed')
  await client.deleteNetworkInterface(
    new Ecs.DeleteNetworkInterfaceRequest({ ...REGION, networkInterfaceId }),
  )
  expect(await launch(client, { privateIpAddress: address })).toMatch(/^i-/)
})

test('pages by token hold up to 500 and lose nothing', async () => {
  const { client, emulator } = await start()
  emulator.addFault(fault('leaveDisk'))
  for (let made = 0; made < 3; made += 1) {
    const { body } = await client.runInstances(new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, amount: 5 }))
    for (const id of body?.instanceIdSets?.instanceIdSet ?? []) await release(client, id)
  }
  const seen: string[] = []
  let nextToken: string | undefined
  do {
    const request = new Ecs.DescribeDisksRequest({
      ...REGION,
      maxResults: 10,
      ...(nextToken && { nextToken }),
    })
    const { body } = await client.describeDisks(request)
    seen.push(...(body?.disks?.disk ?? []).map(({ diskId = '' }) => diskId))
    nextToken = body?.nextToken
  } while (nextToken)
  expect(new Set(seen).size).toBe(15)
  expect(seen).toHaveLength(15)
  expect(await disks(client, { maxResults: 500 })).toHaveLength(15)
  const ids = JSON.stringify(seen.slice(0, 2))
  expect((await disks(client, { diskIds: ids })).map(({ diskId }) => diskId)).toEqual(seen.slice(0, 2))
})

test('what was left behind survives a restart of the emulator', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-leftovers-'))
  const stateFile = join(folder, 'cloud.json')
  try {
    const first = await start({ stateFile })
    first.emulator.addFault(fault('leaveDisk'))
    for (const id of [await launch(first.client), await launch(first.client)]) await release(first.client, id)
    const [one, other] = await disks(first.client)
    await first.client.deleteDisk(new Ecs.DeleteDiskRequest({ diskId: other?.diskId }))
    await first.emulator.close()
    const second = await start({ stateFile })
    expect((await disks(second.client)).map(({ diskId }) => diskId)).toEqual([one?.diskId])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
