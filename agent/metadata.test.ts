import { afterEach, describe, expect, test } from 'vitest'
import { ENROLLMENT_MARK } from '../domain/wire.ts'
import { createHttpClient } from './http.ts'
import { learnIdentity } from './identity.ts'
import { createMetadataService } from './metadata.ts'
import { fakeRuntime } from './testing/fake-runtime.ts'
import { startTestServer } from './testing/test-api.ts'
import type { Reply, Seen, TestServer } from './testing/test-api.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function serve(reply: (seen: Seen, server: TestServer) => Reply) {
  const server = await startTestServer(reply)
  const http = createHttpClient()
  closing.push(
    () => server.close(),
    () => http.close(),
  )
  return { server, metadata: createMetadataService(http, server.url) }
}

const enrollment = {
  apiUrl: 'http://127.0.0.1:8080/',
  token: 'tok',
  host: 'render/00001',
  generation: 'abc',
  attempt: 1,
  expiresAt: '2026-01-01T00:40:00Z',
}
const userData = `#!/bin/sh\n${ENROLLMENT_MARK}${Buffer.from(JSON.stringify(enrollment)).toString('base64url')}\n`
const items: Record<string, string> = {
  '/latest/user-data': userData,
  '/latest/meta-data/instance-id': 'i-one',
  '/latest/meta-data/mac': '00:16:3E:0F:00:01',
  '/latest/meta-data/private-ipv4': '127.16.0.5',
}
const itemReply = ({ path }: Seen): Reply =>
  items[path] === undefined ? { status: 404 } : { status: 200, body: items[path] }

describe('the metadata service', () => {
  test('is asked plainly where that is allowed', async () => {
    const { server, metadata } = await serve(itemReply)
    expect(await metadata.get('meta-data/instance-id')).toBe('i-one')
    expect(server.seen.map((one) => one.method)).toEqual(['GET'])
  })

  test('is asked with one token where plain requests are refused, also by several at once', async () => {
    const { server, metadata } = await serve((seen) => {
      if (seen.method === 'PUT') return { status: 200, body: 'the-token' }
      return seen.headers['x-aliyun-ecs-metadata-token'] === 'the-token' ? itemReply(seen) : { status: 403 }
    })
    const both = await Promise.all([metadata.get('meta-data/mac'), metadata.get('meta-data/instance-id')])
    expect(both).toEqual(['00:16:3E:0F:00:01', 'i-one'])
    const puts = server.of('/latest/api/token')
    expect(puts).toHaveLength(1)
    expect(puts[0]?.headers['x-aliyun-ecs-metadata-token-ttl-seconds']).toBe('21600')
  })

  test('gets a new token when the old one has expired', async () => {
    let valid = 'token-1'
    const { metadata } = await serve((seen) => {
      if (seen.method === 'PUT') return { status: 200, body: valid }
      return seen.headers['x-aliyun-ecs-metadata-token'] === valid ? itemReply(seen) : { status: 401 }
    })
    await metadata.get('meta-data/mac')
    valid = 'token-2'
    expect(await metadata.get('meta-data/instance-id')).toBe('i-one')
  })

  test('that is switched off is named as such, and a later look may succeed', async () => {
    let off = true
    const { metadata } = await serve((seen) => (off ? { status: 403 } : itemReply(seen)))
    await expect(metadata.get('meta-data/mac')).rejects.toThrow(/switched off/)
    off = false
    expect(await metadata.get('meta-data/instance-id')).toBe('i-one')
  })

  test('has no such item: undefined', async () => {
    const { metadata } = await serve(itemReply)
    expect(await metadata.get('vendor-data')).toBeUndefined()
  })
})

describe('the identity', () => {
  const identity = {
    apiUrl: 'http://127.0.0.1:8080',
    token: 'tok',
    enrollment,
    instanceId: 'i-one',
    mac: '00:16:3e:0f:00:01',
    privateIp: '127.16.0.5',
  }

  test('comes item by item where there is no identity document', async () => {
    const { metadata } = await serve(itemReply)
    expect(await learnIdentity(metadata, {}, fakeRuntime())).toEqual(identity)
  })

  test('comes from the document in one request where there is one', async () => {
    const document = { 'instance-id': 'i-one', mac: '00:16:3e:0f:00:01', 'private-ipv4': '127.16.0.5' }
    const { server, metadata } = await serve((seen) =>
      seen.path.endsWith('/document') ? { status: 200, body: document } : itemReply(seen),
    )
    expect(await learnIdentity(metadata, {}, fakeRuntime())).toEqual(identity)
    expect(server.seen.map((one) => one.path)).toEqual([
      '/latest/user-data',
      '/latest/dynamic/instance-identity/document',
    ])
  })

  test('is waited for with growing delays while the network is not up', async () => {
    let downs = 12
    const { metadata } = await serve((seen) => (downs-- > 0 ? { status: 200, reset: true } : itemReply(seen)))
    const runtime = fakeRuntime(1)
    expect(await learnIdentity(metadata, {}, runtime)).toEqual(identity)
    expect(runtime.slept).toEqual([200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000, 5000, 5000, 5000])
  })

  test('is undefined, after some looks, on an instance that Muster did not launch', async () => {
    const { metadata } = await serve((seen) =>
      seen.path.endsWith('user-data') ? { status: 404 } : itemReply(seen),
    )
    const runtime = fakeRuntime(1)
    expect(await learnIdentity(metadata, {}, runtime)).toBeUndefined()
    expect(runtime.slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(20_000)
  })

  test('prefers what was given by hand', async () => {
    const { metadata } = await serve(itemReply)
    const byHand = { apiUrl: 'http://127.0.0.1:9/', token: 'mine' }
    const found = await learnIdentity(metadata, byHand, fakeRuntime())
    expect(found).toMatchObject({ apiUrl: 'http://127.0.0.1:9', token: 'mine', instanceId: 'i-one' })
  })

  test('needs no metadata service when everything was given by hand', async () => {
    const { metadata } = await serve(() => ({ status: 200, reset: true }))
    const byHand = { apiUrl: 'http://127.0.0.1:9', token: 'mine', instanceId: 'i-hand' }
    expect(await learnIdentity(metadata, byHand, fakeRuntime())).toMatchObject(byHand)
  })
})
