import { request } from 'node:http'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startApi } from './server.ts'
import type { RunningApi, ServerOptions } from './server.ts'
import { BEAT, bearer, eventually, KEY, stageApi, STARTED, tokenFor } from './testing.ts'

async function start(overrides: Partial<ServerOptions> = {}): Promise<RunningApi> {
  const { deps } = await stageApi(overrides)
  const api = await startApi({ ...deps, listen: { host: '127.0.0.1', port: 0 }, ...overrides })
  onTestFinished(() => api.close())
  return api
}

/** Status and headers of a request that `fetch` would not send. */
async function raw(url: string, headers: Record<string, string>, chunks: string[]) {
  return await new Promise<{ status: number; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers }, (response) => {
      response.resume()
      resolve({ status: response.statusCode ?? 0, headers: response.headers })
    })
    sent.once('error', reject)
    for (const chunk of chunks) sent.write(chunk)
    sent.end()
  })
}

const json = { 'content-type': 'application/json', ...bearer(tokenFor(KEY)) }

test('the API listens on a free port and answers', async () => {
  const { url } = await start()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  const response = await fetch(`${url}/healthz`, { headers: { 'x-request-id': 'abc-1' } })
  expect([response.status, response.headers.get('x-request-id')]).toEqual([200, 'abc-1'])
})

test('a port that is taken is told with what to set', async () => {
  const { url } = await start()
  const port = Number(new URL(url).port)
  const { deps } = await stageApi()
  await expect(startApi({ ...deps, listen: { host: '127.0.0.1', port } })).rejects.toThrow(
    /cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.*; set api\.listen/,
  )
})

test('a chunked body has no length and is 411, one that is too large is 413 before it is sent', async () => {
  const { url } = await start()
  const chunked = await raw(`${url}/v1/agent/heartbeat`, json, [JSON.stringify(BEAT)])
  expect(chunked.status).toBe(411)
  const large = { ...json, 'content-length': '10000000', expect: '100-continue' }
  expect((await raw(`${url}/v1/agent/started`, large, [JSON.stringify(STARTED)])).status).toBe(413)
})

test('idle connections are kept for several beats', async () => {
  const { url } = await start({ heartbeatSeconds: 60 })
  const body = JSON.stringify(BEAT)
  const headers = { ...json, 'content-length': String(Buffer.byteLength(body)), connection: 'keep-alive' }
  expect((await raw(`${url}/v1/agent/heartbeat`, headers, [body])).headers['keep-alive']).toBe('timeout=240')
})

test('what is no HTTP, and a path that breaks its encoding, do not end the process', async () => {
  const { url } = await start()
  const { hostname, port } = new URL(url)
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.end('nonsense\r\n\r\n'))
    socket.on('data', () => undefined)
    socket.once('close', () => resolve())
  })
  expect(
    (await fetch(`${url}/v1/hosts/%E0%A4%A/1`, { headers: bearer('dev-token-0123456789abcdef') })).status,
  ).toBe(400)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})

test.each(['/v1/agent/heartbeat', '/login'])(
  'who hangs up within a body of %s is no error of the API',
  async (path) => {
    const { deps, lines } = await stageApi()
    const api = await startApi({ ...deps, listen: { host: '127.0.0.1', port: 0 } })
    onTestFinished(() => api.close())
    const { url } = api
    const headers = {
      ...bearer(tokenFor(KEY)),
      origin: url,
      'content-type': path === '/login' ? 'application/x-www-form-urlencoded' : 'application/json',
      'content-length': '100',
      expect: '100-continue',
    }
    await new Promise<void>((resolve) => {
      const sent = request(url + path, { method: 'POST', headers })
      sent.once('error', () => resolve())
      // The API waits for the body by now.
      sent.once('continue', () => sent.destroy(new Error('hangs up')))
    })
    await eventually('the request is over', async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text()
      return metrics.includes(`method="POST",route="${path}",status="400"`)
    })
    expect(lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([])
  },
)

test('closing ends with idle connections open, twice is harmless, and nothing listens afterwards', async () => {
  const api = await start({ closeTimeoutMs: 60_000 })
  await fetch(`${api.url}/healthz`)
  await Promise.all([api.close(), api.close()])
  await expect(fetch(`${api.url}/healthz`)).rejects.toThrow('fetch failed')
})

test('closing cuts a request that does not end', async () => {
  const api = await start({ closeTimeoutMs: 50 })
  const headers = { ...json, 'content-length': '100' }
  const stuck = new Promise<Error>((resolve) => {
    const sent = request(`${api.url}/v1/agent/heartbeat`, { method: 'POST', headers })
    sent.once('error', resolve)
    sent.write('{')
  })
  // Its connection must be there before the end begins.
  await eventually('the request is known', async () => (await fetch(`${api.url}/healthz`)).ok)
  await api.close()
  expect(await stuck).toMatchObject({ code: 'ECONNRESET' })
})

test('pulses stop and beats are written before the end', async () => {
  const { deps, store } = await stageApi()
  const api = await startApi({ ...deps, listen: { host: '127.0.0.1', port: 0 } })
  await api.close()
  expect(await store.pulses.alive(Date.now(), 60_000)).toEqual([])
})
