import { connect } from 'node:net'
import { XMLParser } from 'fast-xml-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Emulator } from './index.ts'
import { callV1, codeIn, send, signedV1, v1Parameters, v3Headers } from './testing/signed.ts'
import { codeOf, Ecs, GOOD_LAUNCH, sdkClient, startTestEmulator } from './testing/sdk.ts'

let emulator: Emulator
beforeAll(async () => {
  ;({ emulator } = await startTestEmulator({
    credentials: {
      LTAItest: 'secret',
      'STS.temporary': { secret: 'short', securityToken: 'token' },
    },
  }))
})
afterAll(() => emulator.close())

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

describe('carrying', () => {
  test('signature 1.0 in the query by GET', async () => {
    const answer = await callV1(emulator, 'DescribeRegions')
    expect(answer.status).toBe(200)
    expect(answer.headers['x-acs-request-id']).toMatch(/^[0-9A-F-]{36}$/)
    expect(JSON.parse(answer.body)).toMatchObject({ RequestId: expect.stringMatching(/^[0-9A-F-]{36}$/) })
  })

  test('everything in the query by POST with a form content type and no body', async () => {
    const path = `/?${signedV1(emulator, 'POST', v1Parameters(emulator, 'DescribeRegions'))}`
    expect((await send(emulator, { path, headers: FORM })).status).toBe(200)
  })

  test('everything in the form body', async () => {
    const body = signedV1(
      emulator,
      'POST',
      v1Parameters(emulator, 'DescribeZones', { RegionId: 'cn-hangzhou' }),
    )
    const answer = await send(emulator, { headers: FORM, body })
    expect(answer.body).toContain('cn-hangzhou-g')
  })

  test('system parameters in the query and the others in the form, signed together', async () => {
    const all = v1Parameters(emulator, 'DescribeZones', { RegionId: 'cn-shanghai' })
    const signed = new URLSearchParams(signedV1(emulator, 'POST', all))
    signed.delete('RegionId')
    const answer = await send(emulator, {
      path: `/?${signed.toString()}`,
      headers: FORM,
      body: 'RegionId=cn-shanghai',
    })
    expect(answer.body).toContain('cn-shanghai-b')
  })

  test('an absolute-form target, as clients behind HTTP_PROXY send it', async () => {
    const query = signedV1(emulator, 'POST', v1Parameters(emulator, 'DescribeRegions', { SecurityToken: '' }))
    const answer = await send(emulator, {
      path: `http://ecs-cn-hangzhou.aliyuncs.com/?${query}`,
      headers: { host: 'ecs-cn-hangzhou.aliyuncs.com' },
    })
    expect(answer.status).toBe(200)
  })

  test('CONNECT is refused at once', async () => {
    const [host, port] = emulator.endpoint.split(':')
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), host!, () =>
        socket.write('CONNECT location-readonly.aliyuncs.com:443 HTTP/1.1\r\nHost: x\r\n\r\n'),
      )
      socket.on('data', (data) => resolve(data.toString()))
      socket.on('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
  })

  test('a chunked empty body leaves the connection usable for the next request', async () => {
    const query: [string, string][] = []
    const first = v3Headers(emulator, 'DescribeRegions', query)
    const second = v3Headers(emulator, 'DescribeRegions', query)
    const text = (headers: Record<string, string>): string =>
      `POST / HTTP/1.1\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}`
    const [host, port] = emulator.endpoint.split(':')
    const answers = await new Promise<string>((resolve, reject) => {
      let seen = ''
      const socket = connect(Number(port), host!, () =>
        socket.write(
          `${text(first)}transfer-encoding: chunked\r\n\r\n0\r\n\r\n${text(second)}connection: close\r\ncontent-length: 0\r\n\r\n`,
        ),
      )
      socket.on('data', (data) => (seen += data.toString()))
      socket.on('end', () => resolve(seen))
      socket.on('error', reject)
    })
    expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
  })

  test('user data of 32 KiB fits into the query', async () => {
    const client = sdkClient(emulator)
    const userData = Buffer.alloc(32 * 1024, '+').toString('base64')
    const made = await client.runInstances(new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, userData }))
    const [instanceId] = made.body?.instanceIdSets?.instanceIdSet ?? []
    const read = await client.describeUserData(
      new Ecs.DescribeUserDataRequest({ regionId: 'cn-hangzhou', instanceId: instanceId! }),
    )
    expect(read.body?.userData).toBe(userData)
  })

  test('values with every awkward character pass both signatures', async () => {
    const instanceName = 'a b_c-d.e:f'
    const value = "+*~'()!/=&% é"
    for (const signatureAlgorithm of [undefined, 'v2']) {
      const client = sdkClient(emulator, { signatureAlgorithm })
      const made = await client.runInstances(
        new Ecs.RunInstancesRequest({
          ...GOOD_LAUNCH,
          instanceName,
          tag: [new Ecs.RunInstancesRequestTag({ key: `k${value}`, value })],
        }),
      )
      expect(made.body?.instanceIdSets?.instanceIdSet).toHaveLength(1)
    }
  })

  test('signature 1.0 counts although headers of signature 3 come along', async () => {
    const path = `/?${signedV1(emulator, 'GET', v1Parameters(emulator, 'DescribeZones', { RegionId: 'cn-beijing' }))}`
    const headers = {
      'x-acs-action': 'DescribeRegions',
      'x-acs-version': '2016-03-14',
      authorization: 'Basic eDp5',
    }
    const answer = await send(emulator, { method: 'GET', path, headers })
    expect(answer.body).toContain('cn-beijing-h')
  })

  test('booleans come in any case and unknown parameters are signed, then ignored', async () => {
    const answer = await callV1(emulator, 'DescribeInstances', {
      RegionId: 'cn-hangzhou',
      DryRun: 'False',
      Whatever: '1',
    })
    expect(answer.status).toBe(200)
  })
})

describe('formats', () => {
  const xml = new XMLParser()

  test('signature 1.0 without Format gets XML', async () => {
    const answer = await callV1(emulator, 'DescribeRegions', { Format: undefined })
    expect(answer.headers['content-type']).toMatch(/^text\/xml/)
    expect(xml.parse(answer.body).DescribeRegionsResponse.Regions.Region[0].RegionId).toBe('cn-hangzhou')
  })

  test('errors come in XML too, with HostId and Recommend', async () => {
    const answer = await callV1(emulator, 'DescribeInstances', { Format: 'xml', RegionId: 'nowhere' })
    expect(answer.status).toBe(404)
    expect(xml.parse(answer.body).Error).toMatchObject({
      Code: 'InvalidRegionId.NotFound',
      HostId: '127.0.0.1',
      RequestId: expect.any(String),
      Recommend: expect.stringContaining('InvalidRegionId.NotFound'),
    })
  })

  test('XML escapes what was sent', async () => {
    const tags = { 'Tag.1.Key': '<&>', 'Tag.1.Value': '"\'' }
    const query = Object.fromEntries(
      Object.entries(GOOD_LAUNCH).map(([name, value]) => [name[0]!.toUpperCase() + name.slice(1), value]),
    )
    const made = await callV1(emulator, 'RunInstances', { ...query, ...tags })
    expect(made.status).toBe(200)
    const answer = await callV1(emulator, 'DescribeInstances', {
      Format: 'XML',
      RegionId: 'cn-hangzhou',
      ...tags,
    })
    const tag = xml.parse(answer.body).DescribeInstancesResponse.Instances.Instance.Tags.Tag
    expect(tag).toEqual({ TagKey: '<&>', TagValue: '"\'' })
  })

  test('an unknown Format is named', async () => {
    expect(codeIn(await callV1(emulator, 'DescribeRegions', { Format: 'YAML' }))).toBe(
      'InvalidParameter.Format',
    )
  })
})

describe('what the gateway refuses', () => {
  test('a wrong secret, with the string the server signed', async () => {
    const parameters = v1Parameters(emulator, 'DescribeRegions')
    const answer = await send(emulator, {
      method: 'GET',
      path: `/?${signedV1(emulator, 'GET', parameters, 'wrong')}`,
    })
    expect(answer.status).toBe(400)
    expect(codeIn(answer)).toBe('SignatureDoesNotMatch')
    expect(answer.body).toContain('server string to sign is:GET&%2F&AccessKeyId%3DLTAItest')
  })

  test('a wrong secret of the SDK', async () => {
    const client = sdkClient(emulator, { accessKeySecret: 'wrong' })
    expect(await codeOf(client.describeRegions(new Ecs.DescribeRegionsRequest({})))).toBe(
      'SignatureDoesNotMatch',
    )
  })

  test.each([
    ['an unknown key', { AccessKeyId: 'nobody' }, 404, 'InvalidAccessKeyId.NotFound'],
    ['no key', { AccessKeyId: undefined }, 400, 'MissingAccessKeyId'],
    ['no timestamp', { Timestamp: undefined }, 400, 'IllegalTimestamp'],
    ['an old timestamp', { Timestamp: '2020-01-01T00:00:00Z' }, 400, 'InvalidTimeStamp.Expired'],
    ['a timestamp of another form', { Timestamp: 'yesterday' }, 400, 'InvalidTimeStamp.Format'],
    ['another signature method', { SignatureMethod: 'HMAC-MD5' }, 400, 'IncompleteSignature'],
    ['no nonce', { SignatureNonce: undefined }, 400, 'MissingParameter'],
    ['another version', { Version: '2016-03-14' }, 400, 'InvalidVersion'],
    ['an unknown action', { Action: 'CreateUniverse' }, 404, 'InvalidAction.NotFound'],
    ['no action', { Action: undefined }, 400, 'MissingParameter'],
    [
      'a security token that belongs to no key',
      { SecurityToken: 'x' },
      400,
      'InvalidSecurityToken.MismatchWithAccessKey',
    ],
  ])('%s', async (_what, change, status, code) => {
    const answer = await callV1(emulator, 'DescribeRegions', change)
    expect([answer.status, codeIn(answer)]).toEqual([status, code])
  })

  test('a nonce sent twice', async () => {
    const path = `/?${signedV1(emulator, 'GET', v1Parameters(emulator, 'DescribeRegions'))}`
    expect((await send(emulator, { method: 'GET', path })).status).toBe(200)
    expect(codeIn(await send(emulator, { method: 'GET', path }))).toBe('SignatureNonceUsed')
  })

  test('a temporary key without its token', async () => {
    const temporary = { ...emulator, credentials: { accessKeyId: 'STS.temporary', accessKeySecret: 'short' } }
    expect(codeIn(await callV1(temporary, 'DescribeRegions'))).toBe('MissingSecurityToken')
    expect((await callV1(temporary, 'DescribeRegions', { SecurityToken: 'token' })).status).toBe(200)
    const client = sdkClient(temporary, { securityToken: 'token' })
    expect((await client.describeRegions(new Ecs.DescribeRegionsRequest({}))).statusCode).toBe(200)
  })

  test('signature 3 with an unsigned x-acs header, a foreign body digest, or another scheme', async () => {
    const headers = v3Headers(emulator, 'DescribeRegions', [])
    expect(codeIn(await send(emulator, { headers: { ...headers, 'x-acs-extra': '1' } }))).toBe(
      'IncompleteSignature',
    )
    const other = v3Headers(emulator, 'DescribeRegions', [], { 'x-acs-content-sha256': 'ab' })
    expect(codeIn(await send(emulator, { headers: other }))).toBe('IncompleteSignature')
    expect(codeIn(await send(emulator, { headers: { authorization: 'Bearer x' } }))).toBe(
      'IncompleteSignature',
    )
    const changed = await send(emulator, {
      path: '/?RegionId=x',
      headers: v3Headers(emulator, 'DescribeRegions', []),
    })
    expect(codeIn(changed)).toBe('SignatureDoesNotMatch')
  })

  test('a body of more than a mebibyte', async () => {
    const answer = await send(emulator, { headers: FORM, body: 'x'.repeat(1024 * 1024 + 1) })
    expect(answer.status).toBe(400)
  })
})
