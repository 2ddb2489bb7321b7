import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Emulator } from './index.ts'
import { callV1 } from './testing/signed.ts'
import { codeOf, Ecs, GOOD_LAUNCH, startTestEmulator } from './testing/sdk.ts'
import type { EcsClient } from './testing/sdk.ts'

let emulator: Emulator
let client: EcsClient
let ids: string[]
const REGION = 'cn-hangzhou'

type Launch = ConstructorParameters<typeof Ecs.RunInstancesRequest>[0]
type Query = ConstructorParameters<typeof Ecs.DescribeInstancesRequest>[0]

async function run(change: Launch): Promise<string[]> {
  const made = await client.runInstances(new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, ...change }))
  return made.body?.instanceIdSets?.instanceIdSet ?? []
}

async function find(query: Query) {
  const found = await client.describeInstances(
    new Ecs.DescribeInstancesRequest({ regionId: REGION, ...query }),
  )
  return found.body!
}

async function findIds(query: Query): Promise<string[]> {
  return ((await find({ pageSize: 100, ...query })).instances?.instance ?? []).map((one) => one.instanceId!)
}

const tag = (key: string, value?: string) =>
  new Ecs.DescribeInstancesRequestTag({ key, ...(value === undefined ? {} : { value }) })

beforeAll(async () => {
  ;({ emulator, client } = await startTestEmulator())
  const runTag = (key: string, value: string) => new Ecs.RunInstancesRequestTag({ key, value })
  const web = await run({
    amount: 12,
    instanceName: 'web-[1,2]',
    tag: [runTag('app', 'web'), runTag('stage', 'live')],
  })
  const [spot] = await run({
    spotStrategy: 'SpotAsPriceGo',
    spotInterruptionBehavior: 'Stop',
    tag: [runTag('app', 'batch'), runTag('stage', 'live')],
    internetMaxBandwidthOut: 5,
  })
  const [other] = await run({
    vSwitchId: 'vsw-bp1default0000000000h',
    zoneId: undefined,
    instanceType: 'ecs.g7.large',
    keyPairName: 'pair',
  })
  const [stopped] = [
    (await client.createInstance(new Ecs.CreateInstanceRequest(GOOD_LAUNCH))).body!.instanceId!,
  ]
  ids = [...web, spot!, other!, stopped]
  await run({
    regionId: 'cn-shanghai',
    zoneId: undefined,
    vSwitchId: 'vsw-uf6default0000000000b',
    securityGroupId: 'sg-uf6default00000000000',
    imageId: 'm-uf6linux0000000000000',
  })
})
afterAll(() => emulator.close())

describe('one instance', () => {
  test('has the schema and the time formats of the cloud', async () => {
    const answer = await callV1(emulator, 'DescribeInstances', {
      RegionId: REGION,
      InstanceIds: JSON.stringify([ids[12]]),
    })
    const instance = (JSON.parse(answer.body) as { Instances: { Instance: Record<string, unknown>[] } })
      .Instances.Instance[0]!
    expect(instance).toMatchObject({
      CreationTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/),
      StartTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/),
      ExpiredTime: '2099-12-31T15:59Z',
      AutoReleaseTime: '',
      Cpu: 2,
      Memory: 4096,
      OSType: 'linux',
      SpotStrategy: 'SpotAsPriceGo',
      StoppedMode: 'Not-applicable',
      VpcAttributes: { PrivateIpAddress: { IpAddress: [expect.stringMatching(/^127\.16\./)] } },
      PublicIpAddress: { IpAddress: [expect.stringMatching(/^198\.51\.100\./)] },
      InnerIpAddress: { IpAddress: [] },
      OperationLocks: { LockReason: [] },
      SecurityGroupIds: { SecurityGroupId: [GOOD_LAUNCH.securityGroupId] },
      MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'optional' },
      InternetMaxBandwidthIn: 10,
      Tags: {
        Tag: [
          { TagKey: 'app', TagValue: 'batch' },
          { TagKey: 'stage', TagValue: 'live' },
        ],
      },
    })
    const order = Object.keys(instance)
    expect(order.indexOf('EipAddress')).toBeLessThan(order.indexOf('PublicIpAddress'))
    expect(answer.body).toContain('"SpotPriceLimit":0.0,')
  })

  test('says -1 for bandwidth it has not, and is Stopped after CreateInstance', async () => {
    const [stopped] = (await find({ instanceIds: JSON.stringify([ids[14]]) })).instances!.instance!
    expect(stopped).toMatchObject({
      status: 'Stopped',
      stoppedMode: 'KeepCharging',
      internetMaxBandwidthIn: -1,
      startTime: '',
    })
  })
})

describe('filters', () => {
  test.each<[string, () => Query, () => string[]]>([
    [
      'ids; one that does not exist is absent',
      () => ({ instanceIds: JSON.stringify([ids[0], 'i-none']) }),
      () => [ids[0]!],
    ],
    ['an empty list of ids', () => ({ instanceIds: '[]' }), () => []],
    ['status', () => ({ status: 'Stopped' }), () => [ids[14]!]],
    ['zone', () => ({ zoneId: 'cn-hangzhou-h' }), () => [ids[13]!]],
    ['vSwitch', () => ({ vSwitchId: 'vsw-bp1default0000000000h' }), () => [ids[13]!]],
    ['type', () => ({ instanceType: 'ecs.g7.large' }), () => [ids[13]!]],
    ['family', () => ({ instanceTypeFamily: 'ecs.g7' }), () => [ids[13]!]],
    ['key pair', () => ({ keyPairName: 'pair' }), () => [ids[13]!]],
    ['tags, all of them', () => ({ tag: [tag('stage', 'live'), tag('app', 'batch')] }), () => [ids[12]!]],
    ['a tag key alone', () => ({ tag: [tag('stage')] }), () => ids.slice(0, 13).toReversed()],
    ['name with a wildcard', () => ({ instanceName: 'web-1*' }), () => [ids[11]!, ids[10]!, ids[9]!]],
    ['an exact name', () => ({ instanceName: 'web-1' }), () => []],
    [
      'private address',
      () => ({ privateIpAddresses: JSON.stringify([emulator.cloud.instances.get(ids[3]!)!.privateIp]) }),
      () => [ids[3]!],
    ],
    [
      'public address',
      () => ({ publicIpAddresses: JSON.stringify([emulator.cloud.instances.get(ids[12]!)!.publicIp]) }),
      () => [ids[12]!],
    ],
    ['lock reason', () => ({ lockReason: 'Recycling' }), () => []],
    ['a security group nobody is in', () => ({ securityGroupId: 'sg-none' }), () => []],
    ['everything of the region', () => ({ vpcId: 'vpc-bp1default00000000000' }), () => ids.toReversed()],
  ])('%s', async (_what, query, expected) => {
    expect(await findIds(query())).toEqual(expected())
  })

  test.each<[string, Query, string]>([
    ['an unknown status', { status: 'Asleep' }, 'InvalidStatus.NotFound'],
    ['an unknown lock reason', { lockReason: 'x' }, 'InvalidLockReason.NotFound'],
    ['ids that are no JSON', { instanceIds: 'i-1,i-2' }, 'InvalidParameter'],
    [
      '101 ids',
      { instanceIds: JSON.stringify(Array.from({ length: 101 }, (_, n) => `i-${n}`)) },
      'InvalidParameter',
    ],
    ['a page of 101', { pageSize: 101 }, 'InvalidParameter'],
    ['a token that is none', { nextToken: 'AAAA' }, 'InvalidNextToken'],
    ['a dry run', { dryRun: true }, 'DryRunOperation'],
  ])('%s is refused', async (_what, query, code) => {
    expect(await codeOf(find(query))).toBe(code)
  })
})

describe('paging', () => {
  test('by page number, with the total', async () => {
    const first = await find({ pageNumber: 1, pageSize: 10 })
    const second = await find({ pageNumber: 2, pageSize: 10 })
    expect(first).toMatchObject({ totalCount: 15, pageNumber: 1, pageSize: 10 })
    const seen = [first, second].flatMap((page) => page.instances!.instance!.map((one) => one.instanceId))
    expect(seen).toEqual(ids.toReversed())
    expect((await find({ pageNumber: 3, pageSize: 10 })).instances!.instance).toEqual([])
  })

  test('by token, where under 10 means 10 and the last page has none', async () => {
    const first = await find({ maxResults: 1 })
    expect(first.instances!.instance).toHaveLength(10)
    const second = await find({ maxResults: 10, nextToken: first.nextToken! })
    expect(second.instances!.instance!.map((one) => one.instanceId)).toEqual(ids.slice(0, 5).toReversed())
    expect(second.nextToken).toBe('')
  })

  test('a token goes on where it was, whatever came meanwhile', async () => {
    const first = await find({ maxResults: 10 })
    const [late] = await run({})
    const second = await find({ maxResults: 10, nextToken: first.nextToken! })
    expect(second.instances!.instance!.map((one) => one.instanceId)).toEqual(ids.slice(0, 5).toReversed())
    await client.deleteInstance(new Ecs.DeleteInstanceRequest({ instanceId: late!, force: true }))
  })
})

describe('the other lists', () => {
  test('DescribeInstanceStatus, in pages of 50 at most', async () => {
    const status = (change: object) =>
      client.describeInstanceStatus(new Ecs.DescribeInstanceStatusRequest({ regionId: REGION, ...change }))
    const found = await status({ instanceId: [ids[0], 'i-none', ids[14]] })
    expect(
      found.body!.instanceStatuses!.instanceStatus!.map(({ instanceId, status: is }) => [instanceId, is]),
    ).toEqual([
      [ids[0], 'Running'],
      [ids[14], 'Stopped'],
    ])
    expect(await codeOf(status({ pageSize: 51 }))).toBe('InvalidParameter')
  })

  test('DescribeUserData of an instance without', async () => {
    const read = await client.describeUserData(
      new Ecs.DescribeUserDataRequest({ regionId: REGION, instanceId: ids[0]! }),
    )
    expect(read.body!.userData).toBe('')
  })

  test('regions, zones and what they sell', async () => {
    const regions = await client.describeRegions(new Ecs.DescribeRegionsRequest({}))
    expect(regions.body!.regions!.region!.map((one) => one.regionId)).toContain('cn-beijing')
    const zones = await client.describeZones(new Ecs.DescribeZonesRequest({ regionId: 'ap-southeast-1' }))
    expect(zones.body!.zones!.zone!.map((one) => one.zoneId)).toEqual([
      'ap-southeast-1a',
      'ap-southeast-1b',
      'ap-southeast-1c',
    ])
    expect(zones.body!.zones!.zone![0]!.availableInstanceTypes!.instanceTypes).toContain('ecs.c7.large')
  })

  test('DescribeAvailableResource shows stock as the cloud words it', async () => {
    emulator.seed({
      stock: [
        { zoneId: 'cn-hangzhou-i', instanceType: 'ecs.c7.large', available: 0 },
        { zoneId: 'cn-hangzhou-j', instanceType: 'ecs.c7.large', available: 2 },
      ],
    })
    const query = { regionId: REGION, destinationResource: 'InstanceType', instanceType: 'ecs.c7.large' }
    const shown = await client.describeAvailableResource(new Ecs.DescribeAvailableResourceRequest(query))
    const zones = shown.body!.availableZones!.availableZone!
    expect(zones.map((zone) => [zone.zoneId, zone.status, zone.statusCategory])).toEqual([
      ['cn-hangzhou-g', 'Available', 'WithStock'],
      ['cn-hangzhou-h', 'Available', 'WithStock'],
      ['cn-hangzhou-i', 'SoldOut', 'WithoutStock'],
      ['cn-hangzhou-j', 'Available', 'ClosedWithStock'],
      ['cn-hangzhou-k', 'Available', 'WithStock'],
    ])
    const missing = client.describeAvailableResource(
      new Ecs.DescribeAvailableResourceRequest({ regionId: REGION }),
    )
    expect(await codeOf(missing)).toBe('Invalid.Param')
  })

  test('images by owner, name, family and status', async () => {
    const images = async (change: object) => {
      const found = await client.describeImages(
        new Ecs.DescribeImagesRequest({ regionId: REGION, ...change }),
      )
      return found.body!.images!.image!.map((image) => image.imageId)
    }
    expect(await images({ imageOwnerAlias: 'self' })).toEqual([
      'm-bp1linux0000000000000',
      'm-bp1windows00000000000',
    ])
    expect(await images({ imageName: 'muster-*', OSType: 'windows' })).toEqual(['m-bp1windows00000000000'])
    expect(await images({ imageFamily: 'muster-linux' })).toEqual(['m-bp1linux0000000000000'])
    expect(await images({ status: 'Creating,Waiting' })).toEqual([])
    expect(await images({ imageOwnerAlias: 'marketplace' })).toEqual([])
  })

  test('the network', async () => {
    const vpcs = await client.describeVpcs(new Ecs.DescribeVpcsRequest({ regionId: REGION }))
    expect(vpcs.body!.vpcs!.vpc![0]).toMatchObject({
      vpcId: 'vpc-bp1default00000000000',
      cidrBlock: '127.16.0.0/12',
    })
    const vSwitches = await client.describeVSwitches(
      new Ecs.DescribeVSwitchesRequest({ regionId: REGION, zoneId: 'cn-hangzhou-h' }),
    )
    expect(vSwitches.body!.vSwitches!.vSwitch![0]).toMatchObject({
      vSwitchId: 'vsw-bp1default0000000000h',
      availableIpAddressCount: 65_536 - 4 - 1,
    })
    const groups = await client.describeSecurityGroups(
      new Ecs.DescribeSecurityGroupsRequest({ regionId: REGION, isQueryEcsCount: true }),
    )
    expect(groups.body!.securityGroups!.securityGroup![0]).toMatchObject({
      securityGroupId: 'sg-bp1default00000000000',
      ecsCount: expect.any(Number),
    })
  })
})
