import { get as httpGet, request as httpRequest } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { MachineSpec } from '../contract.ts'
import { testSpec } from '../testing.ts'
import { openMetadataServer } from './server.ts'
import type { MetadataServer } from './server.ts'
import { subnet } from './tree.ts'

const open: MetadataServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function serve(changes: Partial<MachineSpec> = {}, nowMs?: () => number) {
  const changing: { spotTermination: Date | undefined } = { spotTermination: undefined }
  const spec = testSpec(changes)
  const server = await openMetadataServer({ spec, changing, ports: [0], ...(nowMs ? { nowMs } : {}) })
  open.push(server)
  return { server, spec, changing, ask: (path: string, options = {}) => ask(server.url + path, options) }
}

interface Told {
  status: number
  body: string
}

function ask(url: string, options: { method?: string; headers?: Record<string, string> }): Promise<Told> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, options, (response) => {
      let body = ''
      response.setEncoding('latin1').on('data', (text: string) => (body += text))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    request.on('error', reject)
    request.end()
  })
}

const token = (path: string, value: string) =>
  [path, { headers: { 'x-aliyun-ecs-metadata-token': value } }] as const
const PUT = (ttl?: string, more = {}) => ({
  method: 'PUT',
  headers: { ...(ttl === undefined ? {} : { 'X-aliyun-ecs-metadata-token-ttl-seconds': ttl }), ...more },
})

describe('items', () => {
  test('are those of the instance, one by one', async () => {
    const { ask, spec } = await serve()
    const read = async (item: string) => (await ask(`/latest/meta-data/${item}`)).body
    expect(await read('instance-id')).toBe(spec.instanceId)
    expect(await read('private-ipv4')).toBe(spec.privateIp)
    expect(await read('mac')).toBe(spec.mac)
    expect(await read('zone-id')).toBe('cn-hangzhou-h')
    expect(await read('instance/instance-type')).toBe('ecs.c7.xlarge')
    expect(await read(`network/interfaces/macs/${spec.mac}/private-ipv4s`)).toBe(`["${spec.privateIp}"]`)
    expect(await read(`network/interfaces/macs/${spec.mac}/netmask`)).toBe('255.255.240.0')
    expect(await read('dns-conf/nameservers')).toBe('100.100.2.136\r\n100.100.2.138')
  })

  test('are listed, directories with a slash, with and without one at the end of the path', async () => {
    const { ask, spec } = await serve()
    const { body } = await ask('/latest/meta-data/')
    const lines = body.split('\n')
    expect(lines).toEqual(
      expect.arrayContaining(['dns-conf/', 'hostname', 'instance/', 'instance-id', 'network/', 'zone-id']),
    )
    expect(lines).not.toContain('public-keys/')
    expect((await ask('/latest/meta-data')).body).toBe(body)
    expect((await ask('/latest/meta-data/network/interfaces/macs/')).body).toBe(`${spec.mac}/`)
    expect((await ask('/')).body).toBe('2016-01-01\nlatest')
  })

  test('come all at once as JSON, as cloud-init asks', async () => {
    const { ask, spec } = await serve({ keyPairName: 'ops' })
    const { status, body } = await ask('/2016-01-01/meta-data/all')
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({
      'instance-id': spec.instanceId,
      network: {
        interfaces: { macs: { [spec.mac]: { gateway: expect.stringMatching(/^127\.\d+\.15\.253$/) } } },
      },
      'public-keys': {
        ops: { 'openssh-key': expect.stringMatching(/^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI\S+ ops$/) },
      },
      instance: { spot: {} },
    })
  })

  test.each([
    '/latest/meta-data/nothing',
    '/latest/meta-data/mac/deeper',
    '/2020-01-01/meta-data/',
    '/latest/vendor-data',
    '/latest/meta-data/toString',
    '/latest/%zz',
    '/latest/dynamic/instance-identity/pkcs7',
  ])('%s is a 404', async (path) => {
    const { ask } = await serve()
    expect(await ask(path)).toMatchObject({ status: 404, body: expect.stringContaining('404 - Not Found') })
  })

  test('of a role and of Windows are there when the instance has them', async () => {
    const { ask } = await serve({ os: 'windows', ramRoleName: 'reader' })
    expect((await ask('/latest/meta-data/ram/security-credentials/')).body).toBe('reader')
    const credentials = JSON.parse(
      (await ask('/latest/meta-data/ram/security-credentials/reader')).body,
    ) as object
    expect(credentials).toMatchObject({
      Code: 'Success',
      Expiration: expect.stringMatching(/^\d{4}-.*:\d\dZ$/),
    })
    expect((await ask('/latest/meta-data/kms-server')).status).toBe(200)
  })
})

test('user data comes byte for byte, and is a 404 without any', async () => {
  const userData = Buffer.from([0x1f, 0x8b, 0x00, 0xff, 0x80, 0x0a])
  const { ask } = await serve({ userData })
  expect(Buffer.from((await ask('/latest/user-data')).body, 'latin1')).toEqual(userData)
  expect((await ask('/latest/')).body).toContain('user-data')
  const without = await serve()
  expect((await without.ask('/latest/user-data')).status).toBe(404)
  expect((await without.ask('/latest/')).body).not.toContain('user-data')
})

test('the identity document is one line of JSON', async () => {
  const { ask, spec } = await serve()
  const { body } = await ask('/latest/dynamic/instance-identity/document')
  expect(body).not.toContain('\n')
  expect(Object.keys(JSON.parse(body) as object)).toEqual([
    'zone-id',
    'serial-number',
    'instance-id',
    'region-id',
    'private-ipv4',
    'owner-account-id',
    'mac',
    'image-id',
    'instance-type',
  ])
  expect(JSON.parse(body)).toMatchObject({ 'instance-id': spec.instanceId, 'private-ipv4': spec.privateIp })
})

test('the spot termination time is there only while it is announced', async () => {
  const { ask, changing } = await serve()
  const path = '/latest/meta-data/instance/spot/termination-time'
  expect((await ask(path)).status).toBe(404)
  changing.spotTermination = new Date('2026-01-01T00:05:00.123Z')
  expect(await ask(path)).toEqual({ status: 200, body: '2026-01-01T00:05:00Z' })
  changing.spotTermination = undefined
  expect((await ask(path)).status).toBe(404)
})

describe('tokens', () => {
  const hardened = { metadata: { httpEndpoint: 'enabled', httpTokens: 'required' } } as const
  const path = '/latest/meta-data/instance-id'

  test('are needed where the instance is hardened', async () => {
    const { ask, spec } = await serve(hardened)
    expect((await ask(path)).status).toBe(403)
    const { body } = await ask('/latest/api/token', PUT('60'))
    expect(await ask(...token(path, body))).toEqual({ status: 200, body: spec.instanceId })
    expect(await ask(...token(path, body))).toEqual({ status: 200, body: spec.instanceId })
  })

  test('are given, but not needed, elsewhere; a wrong one is refused all the same', async () => {
    const { ask } = await serve()
    expect((await ask(path)).status).toBe(200)
    expect((await ask('/latest/api/token', PUT('21600'))).status).toBe(200)
    expect((await ask(...token(path, 'forged'))).status).toBe(401)
  })

  test('expire', async () => {
    let nowMs = 0
    const { ask } = await serve(hardened, () => nowMs)
    const { body } = await ask('/latest/api/token', PUT('5'))
    nowMs = 4_999
    expect((await ask(...token(path, body))).status).toBe(200)
    nowMs = 5_000
    expect((await ask(...token(path, body))).status).toBe(401)
  })

  test('of another instance are refused', async () => {
    const one = await serve(hardened)
    const other = await serve(hardened)
    const { body } = await one.ask('/latest/api/token', PUT('60'))
    expect((await other.ask(...token(path, body))).status).toBe(401)
  })

  test.each([undefined, '0', '21601', '1.5', 'long'])('are not given for a life of %s', async (ttl) => {
    const { ask } = await serve()
    expect((await ask('/latest/api/token', PUT(ttl))).status).toBe(400)
  })

  test('are not given through a proxy', async () => {
    const { ask } = await serve()
    expect((await ask('/latest/api/token', PUT('60', { 'X-Forwarded-For': '10.0.0.1' }))).status).toBe(403)
  })
})

test('a page whose name was made to lead here reads nothing', async () => {
  const { ask } = await serve()
  const byName = { headers: { Host: 'metadata.example.com' } }
  expect((await ask('/latest/meta-data/mac', byName)).status).toBe(403)
  expect((await ask('/latest/user-data', byName)).status).toBe(403)
  expect((await ask('/latest/meta-data/mac')).status).toBe(200)
})

test('a service that is switched off refuses everything', async () => {
  const { ask } = await serve({ metadata: { httpEndpoint: 'disabled', httpTokens: 'optional' } })
  expect((await ask('/latest/meta-data/mac')).status).toBe(403)
  expect((await ask('/latest/api/token', PUT('60'))).status).toBe(403)
})

test.each([['POST'], ['DELETE'], ['PUT']])('%s on an item is a 405', async (method) => {
  const { ask } = await serve()
  expect((await ask('/latest/meta-data/mac', { method })).status).toBe(405)
})

test('listens on the machine’s own address, on port 80 where that is allowed, else on a free port', async () => {
  const spec = testSpec()
  const changing = { spotTermination: undefined }
  const first = await openMetadataServer({ spec, changing })
  open.push(first)
  // The second finds port 80 of the address taken.
  const second = await openMetadataServer({ spec, changing })
  open.push(second)
  expect(new URL(first.url).hostname).toBe(spec.privateIp)
  expect(new URL(second.url).hostname).toBe(spec.privateIp)
  expect(new URL(second.url).port).not.toBe('')
  expect(first.localAddress).toBe(spec.privateIp)
})

test('an address that this computer does not have ends on 127.0.0.1, without a source address', async () => {
  const server = await openMetadataServer({
    spec: testSpec({ privateIp: '203.0.113.9' }),
    changing: { spotTermination: undefined },
  })
  open.push(server)
  expect(new URL(server.url).hostname).toBe('127.0.0.1')
  expect(server.localAddress).toBeUndefined()
  await new Promise<void>((resolve) =>
    httpGet(`${server.url}/latest/`, (response) => response.resume().on('end', resolve)),
  )
})

test.each([
  ['192.168.5.0/24', '255.255.255.0', '192.168.5.253'],
  ['127.16.16.0/20', '255.255.240.0', '127.16.31.253'],
  ['10.0.0.128/25', '255.255.255.128', '10.0.0.253'],
])('the gateway of %s', (cidr, netmask, gateway) => {
  expect(subnet(cidr)).toEqual({ netmask, gateway })
})
