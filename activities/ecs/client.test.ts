import { describe, expect, test } from 'vitest'
import { refusal, scriptedCloud } from '../testing/scripted-cloud.ts'
import type { WireCall } from '../testing/scripted-cloud.ts'
import type { EcsCall, RunInstance } from './api.ts'
import { createEcsApi } from './client.ts'
import { EcsError } from './ecs-error.ts'

const SECRET = 'planted-enrollment-secret'
const request: RunInstance = {
  clientToken: 'a'.repeat(64),
  imageId: 'm-1',
  instanceType: 'ecs.c7.large',
  zoneId: 'cn-hangzhou-b',
  vSwitchId: 'vsw-b',
  securityGroupIds: ['sg-1', 'sg-2'],
  instanceName: 'render-00007-2',
  hostName: 'render-00007',
  userData: `#!/bin/sh\n# ${SECRET}\n`,
  autoReleaseTime: '2027-01-15T08:00:00Z',
  tags: { 'muster:host': 'render/00007', team: 'lighting' },
  internetMaxBandwidthOutMbps: 5,
  systemDisk: { category: 'cloud_essd', sizeGiB: 80, performanceLevel: 'PL1' },
  ramRoleName: 'render',
  keyPairName: 'ops',
  spot: { priceLimit: 0.125 },
}
const launched = { RequestId: 'R-1', InstanceIdSets: { InstanceIdSet: ['i-1'] } }

/** Whatever is thrown, as the text a log, a failure converter or a person would make of it. */
async function thrownBy(call: Promise<unknown>): Promise<{ error: EcsError; text: string }> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof EcsError)) throw new Error('expected an EcsError', { cause: error })
  const text = [
    error.message,
    error.stack,
    String(error.cause),
    JSON.stringify(error),
    JSON.stringify(error.fault),
  ].join('\n')
  return { error, text }
}

describe('RunInstances on the wire', () => {
  test('says everything the spec wants, for one pay-as-you-go instance', async () => {
    const cloud = await scriptedCloud((call) => call.respond(200, launched))
    expect(await cloud.ecs.runInstance(request)).toEqual({ instanceId: 'i-1', requestId: 'R-1' })
    expect(Object.fromEntries(cloud.calls[0]?.query ?? [])).toEqual({
      RegionId: 'cn-hangzhou',
      Amount: '1',
      ClientToken: 'a'.repeat(64),
      ImageId: 'm-1',
      InstanceType: 'ecs.c7.large',
      ZoneId: 'cn-hangzhou-b',
      VSwitchId: 'vsw-b',
      'SecurityGroupIds.1': 'sg-1',
      'SecurityGroupIds.2': 'sg-2',
      InstanceName: 'render-00007-2',
      HostName: 'render-00007',
      UserData: Buffer.from(request.userData).toString('base64'),
      AutoReleaseTime: '2027-01-15T08:00:00Z',
      InstanceChargeType: 'PostPaid',
      'Tag.1.Key': 'muster:host',
      'Tag.1.Value': 'render/00007',
      'Tag.2.Key': 'team',
      'Tag.2.Value': 'lighting',
      InternetMaxBandwidthOut: '5',
      InternetChargeType: 'PayByTraffic',
      'SystemDisk.Category': 'cloud_essd',
      'SystemDisk.Size': '80',
      'SystemDisk.PerformanceLevel': 'PL1',
      RamRoleName: 'render',
      KeyPairName: 'ops',
      SpotStrategy: 'SpotWithPriceLimit',
      SpotPriceLimit: '0.125',
    })
  })

  test('leaves out what the spec does not name', async () => {
    const cloud = await scriptedCloud((call) => call.respond(200, launched))
    const { systemDisk: _d, ramRoleName: _r, keyPairName: _k, spot: _s, ...plain } = request
    await cloud.ecs.runInstance({ ...plain, internetMaxBandwidthOutMbps: 0 })
    await cloud.ecs.runInstance({ ...plain, spot: {} })
    const [first, second] = cloud.calls.map(({ query }) => query)
    const optional = [
      'SystemDisk.Size',
      'RamRoleName',
      'KeyPairName',
      'SpotStrategy',
      'InternetMaxBandwidthOut',
    ]
    expect(optional.filter((name) => first?.has(name))).toEqual([])
    expect(second?.get('SpotStrategy')).toBe('SpotAsPriceGo')
  })
})

describe('a call that fails', () => {
  const base64 = Buffer.from(request.userData).toString('base64')
  const cases: [name: string, code: string, maybeDone: boolean, answer: (call: WireCall) => void][] = [
    [
      'refused',
      'InvalidUserData.Base64FormatInvalid',
      false,
      (call) =>
        call.respond(
          400,
          refusal(
            'InvalidUserData.Base64FormatInvalid',
            `UserData "${base64}" with ${request.userData} is wrong`,
          ),
        ),
    ],
    [
      'a password quoted',
      'InvalidPassword.Malformed',
      false,
      (call) => call.respond(400, refusal('InvalidPassword.Malformed', `Password=${SECRET} is too simple`)),
    ],
    [
      'a wrong signature',
      'SignatureDoesNotMatch',
      false,
      (call) =>
        call.respond(
          400,
          refusal('SignatureDoesNotMatch', `server string to sign is:${call.raw.request.url}`),
        ),
    ],
    [
      'an HTML page',
      'NotJson',
      true,
      (call) => call.respond(502, `<html>${SECRET}</html>`, { 'content-type': 'text/html' }),
    ],
    ['an empty 500', 'NotJson', true, (call) => call.respond(500, '')],
    ['HTML with status 200', 'NotJson', true, (call) => call.respond(200, '<html>ok</html>')],
    ['JSON null', 'ClientFailure', true, (call) => call.respond(500, 'null')],
    ['a success without an instance', 'NotUnderstood', true, (call) => call.respond(200, { RequestId: 'R' })],
    ['a reset', 'ConnectionLost', true, (call) => call.raw.request.socket.destroy()],
    [
      'a reset in the middle of the answer',
      'ConnectionLost',
      true,
      (call) => {
        call.raw.response.writeHead(200, { 'content-length': 100 })
        call.raw.response.write('{"Requ')
        setTimeout(() => call.raw.request.socket.destroy(), 20)
      },
    ],
    ['no answer', 'NoAnswer', true, () => undefined],
    // Which of the SDK's two timers comes first is a matter of milliseconds.
    [
      'an answer that never ends',
      expect.stringMatching(/^(NoAnswer|ConnectionLost)$/),
      true,
      (call) => void call.raw.response.write('{"RequestId":'),
    ],
    ['an internal error', 'InternalError', true, (call) => call.respond(500, refusal('InternalError'))],
    ['throttled', 'Throttling.User', false, (call) => call.respond(400, refusal('Throttling.User'))],
    ['without a code', 'Http503', true, (call) => call.respond(503, { oops: SECRET })],
  ]

  test.each(cases)(
    '%s is %s and gives nothing of the request away',
    async (_name, code, maybeDone, answer) => {
      const cloud = await scriptedCloud(answer, { timeoutMs: 300 })
      const { error, text } = await thrownBy(cloud.ecs.runInstance(request))
      expect(error.fault).toMatchObject({ action: 'RunInstances', code, maybeDone })
      expect(error.cause).toBeUndefined()
      for (const secret of [
        SECRET,
        base64,
        base64.slice(0, 24),
        encodeURIComponent(base64),
        'planted-access-secret',
        'UserData=',
      ]) {
        expect(text).not.toContain(secret)
      }
    },
  )

  test('to reach the endpoint was certainly not obeyed', async () => {
    const cloud = await scriptedCloud(() => undefined)
    await cloud.close()
    const { error } = await thrownBy(cloud.ecs.runInstance(request))
    expect(error.fault).toMatchObject({ code: 'ConnectionFailed', class: 'retry', maybeDone: false })
  })

  test('keeps code, status and request id of the cloud', async () => {
    const cloud = await scriptedCloud((call) =>
      call.respond(403, refusal('OperationDenied.NoStock', 'Sold out.')),
    )
    const { error } = await thrownBy(cloud.ecs.runInstance(request))
    expect(error.fault).toEqual({
      action: 'RunInstances',
      code: 'OperationDenied.NoStock',
      class: 'capacity',
      httpStatus: 403,
      requestId: '473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E',
      message: 'Sold out.',
      maybeDone: false,
    })
  })

  test('is sent once only: Temporal retries, not the SDK', async () => {
    const cloud = await scriptedCloud((call) => call.respond(503, refusal('ServiceUnavailable')))
    await thrownBy(cloud.ecs.describeInstances(['i-1']))
    expect(cloud.calls).toHaveLength(1)
  })

  test('for want of credentials says what to set and names no file', async () => {
    const saved = { ...process.env }
    const empty = {
      HOME: '/nonexistent',
      ALIBABA_CLOUD_ECS_METADATA_DISABLED: 'true',
      ALIBABA_CLOUD_CREDENTIALS_FILE: '/nonexistent/credentials',
    }
    Object.assign(process.env, empty)
    for (const name of ['ALIBABA_CLOUD_ACCESS_KEY_ID', 'ALIBABA_CLOUD_ACCESS_KEY_SECRET'])
      delete process.env[name]
    try {
      const ecs = createEcsApi({ region: 'cn-hangzhou', endpoint: '127.0.0.1:1', protocol: 'http' })
      const { error, text } = await thrownBy(ecs.describeInstances(['i-1']))
      expect(error.fault).toMatchObject({ code: 'NoCredentials', class: 'account', maybeDone: false })
      expect(error.message).toContain('ALIBABA_CLOUD_ACCESS_KEY_ID')
      expect(text).not.toContain('/nonexistent')
    } finally {
      for (const name of Object.keys(empty)) delete process.env[name]
      Object.assign(process.env, saved)
    }
  })
})

describe('throttling', () => {
  test('closes the call, and only that call, until the minute turns', async () => {
    let now = 1_800_000_000_000 + 50_000
    let throttled = true
    const cloud = await scriptedCloud(
      (call) => {
        if (call.action === 'DeleteInstances' && throttled) call.respond(400, refusal('Throttling.User'))
        else call.respond(200, { RequestId: 'R', Instances: { Instance: [] } })
      },
      { clock: () => now },
    )
    await thrownBy(cloud.ecs.deleteInstances(['i-1']))
    throttled = false
    const { error } = await thrownBy(cloud.ecs.deleteInstances(['i-1']))
    expect(error.fault).toMatchObject({ code: 'Throttling.User', retryAfterMs: 10_000, maybeDone: false })
    expect(cloud.calls).toHaveLength(1)
    await cloud.ecs.describeInstances(['i-1'])
    now += 10_000
    await cloud.ecs.deleteInstances(['i-1'])
    expect(cloud.calls.map(({ action }) => action)).toEqual([
      'DeleteInstances',
      'DescribeInstances',
      'DeleteInstances',
    ])
  })

  test('tells how long the cloud wants to be left alone', async () => {
    const cloud = await scriptedCloud((call) =>
      call.respond(400, refusal('Throttling'), { 'x-acs-retry-after': '1500' }),
    )
    const { error } = await thrownBy(cloud.ecs.describeInstances(['i-1']))
    expect(error.fault.retryAfterMs).toBe(1_500)
  })
})

describe('DescribeInstances', () => {
  const instance = (InstanceId: string, rest: object = {}) => ({ InstanceId, Status: 'Running', ...rest })

  test('reads address, MAC, tags and locks', async () => {
    const raw = instance('i-1', {
      VpcAttributes: { PrivateIpAddress: { IpAddress: ['10.0.0.7'] } },
      NetworkInterfaces: {
        NetworkInterface: [
          { Type: 'Secondary', MacAddress: '00:16:3E:00:00:02' },
          { Type: 'Primary', MacAddress: '00:16:3E:00:00:01' },
        ],
      },
      Tags: { Tag: [{ TagKey: 'muster:host', TagValue: 'render/00007' }] },
      OperationLocks: { LockReason: [{ LockReason: 'Recycling', LockMsg: '' }] },
    })
    const cloud = await scriptedCloud((call) => call.respond(200, { Instances: { Instance: [raw] } }))
    expect(await cloud.ecs.describeInstances(['i-1'])).toEqual([
      {
        instanceId: 'i-1',
        status: 'Running',
        privateIp: '10.0.0.7',
        mac: '00:16:3e:00:00:01',
        tags: { 'muster:host': 'render/00007' },
        locks: ['Recycling'],
      },
    ])
  })

  test('gives no address while the cloud lists none', async () => {
    const raw = instance('i-1', {
      VpcAttributes: { PrivateIpAddress: { IpAddress: [] } },
      NetworkInterfaces: { NetworkInterface: [] },
    })
    const cloud = await scriptedCloud((call) => call.respond(200, { Instances: { Instance: [raw] } }))
    expect(await cloud.ecs.describeInstances(['i-1'])).toEqual([
      { instanceId: 'i-1', status: 'Running', tags: {}, locks: [] },
    ])
  })

  test('without its list is no answer: nobody may take it for absence', async () => {
    const cloud = await scriptedCloud((call) => call.respond(200, { RequestId: 'R', TotalCount: 0 }))
    expect((await thrownBy(cloud.ecs.describeInstances(['i-1']))).error.fault.code).toBe('NotUnderstood')
  })

  test('of nothing asks nothing: an empty list of ids would mean all instances', async () => {
    const cloud = await scriptedCloud((call) => call.respond(500, ''))
    expect(await cloud.ecs.describeInstances([])).toEqual([])
    expect(cloud.calls).toEqual([])
  })

  test('by tags reads all pages', async () => {
    const cloud = await scriptedCloud((call) => {
      const page = Number(call.query.get('NextToken') ?? '0')
      const Instance = [instance(`i-${page}`)]
      call.respond(200, { Instances: { Instance }, NextToken: page < 3 ? String(page + 1) : '' })
    })
    const found = await cloud.ecs.findInstances({ a: 'b' })
    expect(found.map(({ instanceId }) => instanceId)).toEqual(['i-0', 'i-1', 'i-2', 'i-3'])
    expect(cloud.calls[3]?.query.get('Tag.1.Key')).toBe('a')
  })
})

test('every call is told to onCall without its parameters', async () => {
  const told: EcsCall[] = []
  const cloud = await scriptedCloud((call) => call.respond(200, launched), {
    onCall: (call) => told.push(call),
  })
  await cloud.ecs.runInstance(request)
  expect(told).toEqual([
    {
      action: 'RunInstances',
      region: 'cn-hangzhou',
      code: 'OK',
      requestId: 'R-1',
      tookMs: expect.any(Number),
    },
  ])
})
