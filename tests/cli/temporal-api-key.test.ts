import { readFileSync, writeFileSync } from 'node:fs'
import { createSecureServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Client } from '@temporalio/client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { missingAttributes } from '../../cli/stack/namespace.ts'
import { endpointOf } from '../../cli/stack/temporal-access.ts'
import { connectClient } from '../../cli/stack/temporal.ts'
import { connectToTemporal } from '../../worker/connect.ts'
import { createAuthority } from '../support/certificates.ts'
import { createPlace, lastJson, runMuster, type Place } from './muster.ts'

const KEY = 'planted-api-key'
const UNAUTHENTICATED = 16

interface Recorder {
  address: string
  /** Path of the authority to trust. */
  ca: string
  /** `authorization` of each call so far; absent: undefined. */
  seen: (string | undefined)[]
  /** `temporal-namespace` of the last call. */
  namespace: () => unknown
}

/** Answers every gRPC call with nothing in it and this status, and writes down who called. */
async function startRecorder({ folder }: Place, status: number): Promise<Recorder> {
  const authority = createAuthority(folder, 'ours')
  const { key, cert } = authority.sign('server', 'DNS:localhost')
  const seen: Recorder['seen'] = []
  let namespace: unknown
  const sessions = new Set<ServerHttp2Session>()
  const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) })
  server.on('session', (session) => void sessions.add(session))
  server.on('stream', (stream, headers) => {
    seen.push(headers.authorization)
    namespace = headers['temporal-namespace']
    const trailers = { 'grpc-status': String(status) }
    stream.on('error', () => {})
    stream.once('wantTrailers', () => stream.sendTrailers(trailers))
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    // A frame of five bytes: not compressed, no message.
    stream.end(status === 0 ? Buffer.alloc(5) : undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  onTestFinished(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return {
    address: `localhost:${(server.address() as AddressInfo).port}`,
    ca: authority.ca,
    seen,
    namespace: () => namespace,
  }
}

test('clients and workers show the API key with each call, and say which namespace it is about', async () => {
  const { address, ca, seen, namespace } = await startRecorder(await createPlace(), 0)
  vi.stubEnv('TEST_KEY', KEY)
  const access = { address, tls: { caFile: ca }, apiKeyEnv: 'TEST_KEY' }
  const client = await connectClient(access)
  await client.workflowService.describeNamespace({ namespace: 'farm' })
  expect(namespace()).toBe('farm')
  await missingAttributes(new Client({ connection: client }), 'render')
  expect(namespace()).toBe('render')
  await client.close()
  const ofClient = seen.splice(0)
  expect(ofClient.length).toBeGreaterThanOrEqual(2)
  const worker = await connectToTemporal(await endpointOf(access))
  await worker.workflowService.describeNamespace({ namespace: 'farm' })
  await worker.close()
  expect(seen.length).toBeGreaterThanOrEqual(2)
  expect(new Set([...ofClient, ...seen])).toEqual(new Set([`Bearer ${KEY}`]))
})

test('a key that is refused is told at once, by what to look at and never by itself', async () => {
  const place = await createPlace()
  const { address, ca, seen } = await startRecorder(place, UNAUTHENTICATED)
  const file = join(place.folder, 'farm.yaml')
  writeFileSync(
    file,
    JSON.stringify({
      temporal: { address, tls: { caFile: ca }, apiKeyEnv: 'TEST_KEY' },
      api: { keys: [{ id: 'k1', secretEnv: 'FARM_KEY' }] },
    }),
  )
  const env = { TEST_KEY: KEY, FARM_KEY: 'enrollment-secret-of-the-whole-farm', MUSTER_LOG_LEVEL: 'debug' }
  const api = await runMuster(place, ['api', '--config', file, '--json'], { env })
  expect(api).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      `muster: Temporal at ${address} refuses the API key: is it one of this server`,
    ),
  })
  expect(api.stdout + api.stderr).not.toContain(KEY)
  vi.stubEnv('TEST_KEY', KEY)
  const access = { address, tls: { caFile: ca } }
  await expect(connectClient({ ...access, apiKeyEnv: 'TEST_KEY' })).rejects.toMatchObject({
    code: 'unprocessable',
    message: expect.not.stringContaining(KEY),
  })
  await expect(connectClient(access)).rejects.toMatchObject({
    code: 'unprocessable',
    message: expect.stringContaining('does not know: name an API key by temporal.apiKeyEnv (--api-key-env)'),
  })
  expect(seen).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`, undefined])
})

test('a key in the place of its variable is not repeated, and a variable that is not set is named', async () => {
  const place = await createPlace()
  const mistaken = [
    'temporal',
    'setup',
    '--address',
    '127.0.0.1:1',
    '--api-key-env',
    `${KEY}.${KEY}`,
    '--json',
  ]
  const refused = await runMuster(place, mistaken)
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('never the key itself') })
  expect(refused.stdout + refused.stderr).not.toContain(KEY)

  const file = join(place.folder, 'farm.yaml')
  writeFileSync(file, JSON.stringify({ temporal: { address: '127.0.0.1:1', apiKeyEnv: 'TEST_KEY' } }))
  const unset = await runMuster(place, ['check', '--offline', '--config', file, '--json'], {
    env: { TEST_KEY: '' },
  })
  expect(unset.code).toBe(1)
  expect(lastJson(unset.stdout)).toMatchObject({
    items: expect.arrayContaining([
      { what: 'variable TEST_KEY', result: 'failed', detail: 'is not set: API key of Temporal' },
    ]),
  })
})
