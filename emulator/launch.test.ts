import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from './index.ts'
import { codeOf, Ecs, GOOD_LAUNCH, startTestEmulator, until } from './testing/sdk.ts'
import type { EcsClient } from './testing/sdk.ts'

let emulator: Emulator
let client: EcsClient
let nowMs = 0
beforeEach(async () => {
  nowMs = Date.now()
  ;({ emulator, client } = await startTestEmulator())
})
afterEach(() => emulator.close())

type Launch = ConstructorParameters<typeof Ecs.RunInstancesRequest>[0]

async function run(change: Launch = {}): Promise<string[]> {
  const made = await client.runInstances(new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, ...change }))
  return made.body?.instanceIdSets?.instanceIdSet ?? []
}

function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

function tags(...pairs: [string, string][]) {
  return pairs.map(([key, value]) => new Ecs.RunInstancesRequestTag({ key, value }))
}

describe('what RunInstances refuses', () => {
  const bare = { regionId: 'cn-hangzhou' }
  test.each<[string, Launch, string]>([
    ['no region', { regionId: undefined }, 'MissingParameter'],
    ['an unknown region', { regionId: 'mars-1' }, 'InvalidRegionId.NotFound'],
    ['an unknown zone', { zoneId: 'cn-hangzhou-z' }, 'InvalidZoneId.NotFound'],
    ['no vSwitch', { vSwitchId: undefined }, 'MissingParameter'],
    ['an unknown vSwitch', { vSwitchId: 'vsw-none' }, 'InvalidVSwitchId.NotFound'],
    ['a vSwitch of another region', { vSwitchId: 'vsw-uf6default0000000000b' }, 'InvalidVSwitchId.NotFound'],
    ['a vSwitch of another zone', { zoneId: 'cn-hangzhou-h' }, 'InvalidParameter.Mismatch'],
    ['no image', { imageId: undefined }, 'MissingParameter'],
    ['an unknown image', { imageId: 'm-none' }, 'InvalidImageId.NotFound'],
    ['an image of another region', { imageId: 'm-uf6linux0000000000000' }, 'InvalidImageId.NotFound'],
    ['image and family', { imageFamily: 'muster-linux' }, 'InvalidParameter.Conflict'],
    ['no type', { instanceType: undefined }, 'MissingParameter'],
    ['an unknown type', { instanceType: 'ecs.x1.huge' }, 'InvalidInstanceType.ValueNotSupported'],
    ['no security group', { securityGroupId: undefined }, 'MissingParameter'],
    ['an unknown security group', { securityGroupId: 'sg-none' }, 'InvalidSecurityGroupId.NotFound'],
    ['a security group twice over', { securityGroupIds: ['sg-a'] }, 'InvalidParameter.Conflict'],
    ['an amount of 0', { amount: 0 }, 'InvalidParameter'],
    ['an amount of 101', { amount: 101 }, 'InvalidParameter'],
    ['a least amount above the amount', { amount: 2, minAmount: 3 }, 'InvalidMinAmount.Malformed'],
    ['user data that is no Base64', { userData: '#!/bin/sh' }, 'InvalidUserData.Base64FormatInvalid'],
    [
      'user data above 32 KiB',
      { userData: Buffer.alloc(32 * 1024 + 1).toString('base64') },
      'InvalidUserData.SizeExceeded',
    ],
    ['a short password', { password: 'Ab1!' }, 'InvalidPassword.Malformed'],
    ['a password of two classes', { password: 'abcdefgh1' }, 'InvalidPassword.Malformed'],
    [
      'a password beside the image’s own',
      { password: 'Abcdefg1', passwordInherit: true },
      'InvalidPasswordParam.Mismatch',
    ],
    ['an inherited password the image lacks', { passwordInherit: true }, 'InvalidPasswordParam.Mismatch'],
    ['a host name with a doubled dot', { hostName: 'a..b' }, 'InvalidHostName.Malformed'],
    ['host name and host names', { hostName: 'ab', hostNames: ['cd'] }, 'InvalidParameter.Conflict'],
    ['a name of one character', { instanceName: 'x' }, 'InvalidInstanceName.Malformed'],
    ['a description that is a link', { description: 'http://x' }, 'InvalidDescription.Malformed'],
    ['a release time in another form', { autoReleaseTime: '2030-01-01' }, 'InvalidAutoReleaseTime.Malformed'],
    [
      'a release time too soon',
      { autoReleaseTime: utc(Date.now() + 29 * 60_000) },
      'InvalidAutoReleaseTime.Malformed',
    ],
    [
      'a release time too far',
      { autoReleaseTime: utc(Date.now() + 4 * 365 * 86_400_000) },
      'InvalidAutoReleaseTime.Malformed',
    ],
    ['an unknown spot strategy', { spotStrategy: 'Cheap' }, 'InvalidSpotStrategy'],
    ['a spot duration of 2', { spotStrategy: 'SpotAsPriceGo', spotDuration: 2 }, 'InvalidSpotDuration'],
    [
      'a spot bid of nothing',
      { spotStrategy: 'SpotWithPriceLimit', spotPriceLimit: 0.001 },
      'InvalidSpotPriceLimit.LowerThanPublicPrice',
    ],
    [
      'a small system disk',
      { systemDisk: new Ecs.RunInstancesRequestSystemDisk({ size: '10' }) },
      'InvalidSystemDiskSize.LessThanImageSize',
    ],
    [
      'an unknown disk category',
      { systemDisk: new Ecs.RunInstancesRequestSystemDisk({ category: 'tape' }) },
      'InvalidSystemDiskCategory.ValueNotSupported',
    ],
    ['other metadata tokens', { httpTokens: 'maybe' }, 'InvalidHttpTokens.NotSupported'],
    [
      'a client token of 65 characters',
      { clientToken: 'x'.repeat(65) },
      'InvalidClientToken.ValueNotSupported',
    ],
    ['a tag key of the cloud’s own', { tag: tags(['acs:x', '1']) }, 'InvalidTagKey.Malformed'],
    ['a tag value with a link', { tag: tags(['x', 'http://x']) }, 'InvalidTagValue.Malformed'],
    ['the same tag key twice', { tag: tags(['x', '1'], ['x', '2']) }, 'Duplicate.TagKey'],
    [
      '21 tags',
      { tag: tags(...Array.from({ length: 21 }, (_, n): [string, string] => [`k${n}`, ''])) },
      'InvalidTagCount',
    ],
    ['an address outside the vSwitch', { privateIpAddress: '127.99.0.9' }, 'InvalidPrivateIpAddress'],
    ['a reserved address', { privateIpAddress: '127.16.0.0' }, 'InvalidPrivateIpAddress'],
    ['an address that is none', { privateIpAddress: '127.16' }, 'InvalidPrivateIpAddress.Malformed'],
    ['a dry run that passes', { dryRun: true }, 'DryRunOperation'],
  ])('%s', async (_what, change, code) => {
    expect(await codeOf(run({ ...bare, ...change }))).toBe(code)
    expect(emulator.cloud.instances.size).toBe(0)
  })

  test('Windows rules for host names and passwords', async () => {
    const windows = { imageId: 'm-bp1windows00000000000' }
    expect(await codeOf(run({ ...windows, hostName: '12345' }))).toBe('InvalidHostName.Malformed')
    expect(await codeOf(run({ ...windows, hostName: 'a-name-far-too-long' }))).toBe(
      'InvalidHostName.Malformed',
    )
    expect(await codeOf(run({ ...windows, password: '/Abcdefg1' }))).toBe('InvalidPassword.Malformed')
    expect(await run({ ...windows, hostName: 'WIN-1', passwordInherit: true })).toHaveLength(1)
  })

  test('an address in use', async () => {
    await run({ privateIpAddress: '127.16.5.5', amount: 2 })
    expect(await codeOf(run({ privateIpAddress: '127.16.5.6' }))).toBe('InvalidIPAddress.AlreadyUsed')
  })

  test('more than stock, unless MinAmount takes what there is', async () => {
    const place = { zoneId: 'cn-hangzhou-g', instanceType: 'ecs.c7.large' }
    emulator.seed({ stock: [{ ...place, available: 3 }] })
    expect(await codeOf(run({ amount: 4 }))).toBe('OperationDenied.NoStock')
    expect(await codeOf(run({ amount: 9, minAmount: 4 }))).toBe('OperationDenied.NoStock')
    expect(await run({ amount: 9, minAmount: 2 })).toHaveLength(3)
    expect(await codeOf(run())).toBe('OperationDenied.NoStock')
    expect(await run({ instanceType: 'ecs.g7.large' })).toHaveLength(1)
  })

  test('more than quota, in instances or in vCPUs', async () => {
    emulator.seed({ quota: [{ zoneId: 'cn-hangzhou-g', maxVcpus: 5 }] })
    expect(await run({ amount: 2 })).toHaveLength(2)
    expect(await codeOf(run())).toBe('QuotaExceed.ElasticQuota')
    emulator.seed({ quota: [{ instanceType: 'ecs.c7.large', maxInstances: 3 }] })
    expect(await run()).toHaveLength(1)
    expect(await codeOf(run())).toBe('QuotaExceed.ElasticQuota')
  })

  test('a vSwitch without free addresses, until one is given back', async () => {
    emulator.seed({
      catalogue: {
        vSwitches: [
          {
            vSwitchId: 'vsw-small',
            vpcId: 'vpc-bp1default00000000000',
            regionId: 'cn-hangzhou',
            zoneId: 'cn-hangzhou-g',
            cidr: '127.16.250.0/29',
          },
        ],
      },
    })
    const small = { vSwitchId: 'vsw-small' }
    const ids = await run({ ...small, amount: 4 })
    expect(await codeOf(run(small))).toBe('QuotaExceeded.PrivateIpAddress')
    const freed = emulator.cloud.instances.get(ids[1]!)!.privateIp
    await client.deleteInstance(new Ecs.DeleteInstanceRequest({ instanceId: ids[1]!, force: true }))
    await until(() => emulator.cloud.instances.get(ids[1]!) === undefined, 'instance gone')
    const [next] = await run(small)
    expect(emulator.cloud.instances.get(next!)!.privateIp).toBe(freed)
  })
})

describe('what RunInstances makes', () => {
  test('ids, addresses and names in the cloud’s shapes, each its own', async () => {
    const ids = await run({ amount: 100 })
    const made = ids.map((id) => emulator.cloud.instances.get(id)!)
    expect(new Set(made.map((one) => one.privateIp)).size).toBe(100)
    expect(new Set(made.map((one) => one.mac)).size).toBe(100)
    for (const one of made) {
      expect(one.instanceId).toMatch(/^i-bp1[0-9a-z]{17}$/)
      expect(one.networkInterfaceId).toMatch(/^eni-bp1[0-9a-z]{17}$/)
      expect(one.mac).toMatch(/^00:16:3e(:[0-9a-f]{2}){3}$/)
      expect(one.privateIp).toMatch(/^127\.16\./)
      expect(one.name).toBe(one.instanceId)
      expect(one.hostName).toBe(`iZ${one.instanceId.slice(2)}Z`)
    }
  })

  test('sequential names, unique suffixes, names of their own and the id placeholder', async () => {
    const names = async (change: Launch) =>
      (await run(change))
        .map((id) => emulator.cloud.instances.get(id)!)
        .map(({ name, hostName }) => [name, hostName])
    expect(await names({ amount: 2, instanceName: 'node-[8,3]-x', hostName: 'h[10,]' })).toEqual([
      ['node-008-x', 'h10'],
      ['node-009-x', 'h11'],
    ])
    expect(await names({ amount: 2, instanceName: 'web', hostName: 'web', uniqueSuffix: true })).toEqual([
      ['web001', 'web001'],
      ['web002', 'web002'],
    ])
    const own = await names({ amount: 2, hostNames: ['first', 'second'] })
    expect(own.map(([, host]) => host)).toEqual(['first', 'second'])
    const [[id, host] = []] = await names({ hostName: 'x-${instance_id}' })
    expect(host).toBe(`x-${id}`)
  })

  test('the newest image of a family', async () => {
    emulator.seed({
      catalogue: {
        images: [
          {
            imageId: 'm-newer',
            name: 'newer',
            family: 'muster-linux',
            os: 'linux',
            regionId: 'cn-hangzhou',
            createdAt: '2026-02-01T00:00:00Z',
          },
        ],
      },
    })
    const [id] = await run({ imageId: undefined, imageFamily: 'muster-linux' })
    expect(emulator.cloud.instances.get(id!)!.imageId).toBe('m-newer')
  })

  test('a machine with all it needs to know', async () => {
    const { emulator: other, client: itsClient, room } = await startTestEmulator({ account: '42' })
    const made = await itsClient.runInstances(
      new Ecs.RunInstancesRequest({
        ...GOOD_LAUNCH,
        userData: Buffer.from('#!/bin/sh\n').toString('base64'),
        httpTokens: 'required',
        ramRoleName: 'role',
        keyPairName: 'pair',
      }),
    )
    const [id] = made.body?.instanceIdSets?.instanceIdSet ?? []
    const { spec } = await until(() => room.machines.get(id!), 'machine made')
    expect(spec).toMatchObject({
      instanceId: id,
      ownerAccountId: '42',
      os: 'linux',
      vpcCidr: '127.16.0.0/12',
      vSwitchCidr: '127.16.0.0/16',
      userData: Buffer.from('#!/bin/sh\n'),
      metadata: { httpEndpoint: 'enabled', httpTokens: 'required' },
      ramRoleName: 'role',
      keyPairName: 'pair',
      behaviour: { agent: 'none' },
    })
    await other.close()
  })
})

describe('client tokens', () => {
  test('the same token and parameters give the same ids and one instance', async () => {
    const first = await run({ clientToken: 'token-1' })
    expect(await run({ clientToken: 'token-1' })).toEqual(first)
    expect(emulator.cloud.instances.size).toBe(1)
  })

  test('the same token with other parameters is refused', async () => {
    await run({ clientToken: 'token-1' })
    expect(await codeOf(run({ clientToken: 'token-1', userData: 'AAAA' }))).toBe(
      'IdempotentParameterMismatch',
    )
    expect(await run({ clientToken: 'token-2', userData: 'AAAA' })).toHaveLength(1)
  })

  test('a token under way says so', async () => {
    emulator.addFault({ action: 'RunInstances', count: 1, effect: { type: 'delay', ms: 300 } })
    const first = run({ clientToken: 'slow' })
    await until(() => emulator.cloud.faults.list()[0]?.fired === 1, 'first call under way')
    expect(await codeOf(run({ clientToken: 'slow' }))).toBe('IdempotentProcessing')
    expect(await run({ clientToken: 'slow' }).catch(() => 'busy')).toBe('busy')
    const ids = await first
    expect(await run({ clientToken: 'slow' })).toEqual(ids)
  })

  test('a refusal for want of stock stays with its token; a new token sees the new stock', async () => {
    const place = { zoneId: 'cn-hangzhou-g', instanceType: 'ecs.c7.large' }
    emulator.seed({ stock: [{ ...place, available: 0 }] })
    expect(await codeOf(run({ clientToken: 'a' }))).toBe('OperationDenied.NoStock')
    emulator.seed({ stock: [{ ...place, available: 1 }] })
    expect(await codeOf(run({ clientToken: 'a' }))).toBe('OperationDenied.NoStock')
    expect(await run({ clientToken: 'b' })).toHaveLength(1)
  })

  test('another refusal leaves the token free, and a dry run does not use it', async () => {
    expect(await codeOf(run({ clientToken: 'a', imageId: 'm-none' }))).toBe('InvalidImageId.NotFound')
    expect(await codeOf(run({ clientToken: 'a', dryRun: true }))).toBe('DryRunOperation')
    expect(await run({ clientToken: 'a' })).toHaveLength(1)
  })

  test('a token is forgotten after its life', async () => {
    await emulator.close()
    ;({ emulator, client } = await startTestEmulator({ tokenLifeMs: 60_000, wallNow: () => nowMs }))
    const first = await run({ clientToken: 'a' })
    emulator.setClock({ advanceSeconds: 59 })
    expect(await run({ clientToken: 'a' })).toEqual(first)
    emulator.setClock({ advanceSeconds: 2 })
    expect(await run({ clientToken: 'a' })).not.toEqual(first)
  })

  test('a token belongs to its action', async () => {
    await run({ clientToken: 'a' })
    const created = await client.createInstance(
      new Ecs.CreateInstanceRequest({ ...GOOD_LAUNCH, clientToken: 'a' }),
    )
    expect(created.body?.instanceId).toMatch(/^i-/)
    expect(emulator.cloud.instances.size).toBe(2)
  })
})
