import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { httpCall, type StatuspageAccess } from './http-call.ts'
import { StatuspageError } from './statuspage-error.ts'

const KEY = 'planted-key-of-this-test'
const ANSWER = z.object({ id: z.string() })

async function serve(handle: RequestListener): Promise<StatuspageAccess> {
  const server = createServer(handle)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  const endpoint = `http://127.0.0.1:${port}/v1`
  return { endpoint, pageId: 'page1', key: KEY, spacingMs: 0 }
}

const answers = (status: number, body: string, headers: Record<string, string> = {}) =>
  serve((_request, response) => void response.writeHead(status, headers).end(body))

async function failureOf(access: StatuspageAccess): Promise<StatuspageError> {
  try {
    await httpCall(access, { method: 'GET', path: '/incidents', answer: ANSWER })
  } catch (error) {
    if (error instanceof StatuspageError) return error
    throw error
  }
  throw new Error('the call succeeded, though it should not have')
}

test('a call carries the key as the API wants it, and its body as JSON', async () => {
  let seen: unknown
  const access = await serve((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { authorization, 'content-type': type } = request.headers
      seen = [request.method, request.url, authorization, type, Buffer.concat(chunks).toString()]
      response.end('{"id":"i1","more":1}')
    })
  })
  const call = { method: 'POST', path: '/incidents', body: { a: 1 }, answer: ANSWER } as const
  expect(await httpCall(access, call)).toEqual({ id: 'i1' })
  expect(seen).toEqual(['POST', '/v1/pages/page1/incidents', `OAuth ${KEY}`, 'application/json', '{"a":1}'])
})

test.each([
  [401, '{"error":"Could not authenticate"}', 'refused', true],
  [403, '{"message":"Forbidden"}', 'refused', true],
  [404, '{"error":"Not found"}', 'missing', true],
  [420, '{"error":"Slow down"}', 'limited', true],
  [429, '', 'limited', true],
  [422, '{"error":["Name is bad","Body is bad"]}', 'invalid', true],
  [500, '<html>', 'unclear', false],
  [503, '', 'unclear', false],
  [200, '<html>', 'unclear', false],
  [201, '{"no":"id"}', 'unclear', false],
])('%i %j is %s', async (status, body, fault, isNotDone) => {
  const error = await failureOf(await answers(status, body))
  expect([error.fault, error.isNotDone]).toEqual([fault, isNotDone])
})

test('an error says what the page says, how long to wait, and never the key', async () => {
  const body = JSON.stringify({ error: `wrong: Authorization OAuth ${KEY}` })
  const error = await failureOf(await answers(429, body, { 'retry-after': '7' }))
  expect(error).toMatchObject({ retryAfterMs: 7_000, httpStatus: 429, fault: 'limited' })
  expect(error.message).toBe('Statuspage answered GET /incidents with 429 (wrong: Authorization OAuth (key))')
})

test('nobody it is led to gets the key', async () => {
  let asked = 0
  const other = await serve((_request, response) => {
    asked += 1
    response.end('{"id":"i1"}')
  })
  const error = await failureOf(await answers(302, '', { location: other.endpoint }))
  expect([error.fault, asked]).toEqual(['refused', 0])
})

test('no answer, and a connection that breaks, are unclear; the error has nothing of the request', async () => {
  const mute = await failureOf({ ...(await serve(() => undefined)), timeoutMs: 200 })
  expect(mute.message).toBe('no answer of Statuspage to GET /incidents: it took too long')
  const broken = await failureOf(await serve((request) => void request.socket.destroy()))
  expect(broken.message).toMatch(/^no answer of Statuspage to GET \/incidents: the connection failed \(/)
  for (const error of [mute, broken]) {
    expect([error.fault, error.cause, JSON.stringify(error).includes(KEY)]).toEqual([
      'unclear',
      undefined,
      false,
    ])
  }
})

test('calls with one key come a second apart', async () => {
  const { spacingMs: _none, ...access } = await answers(200, '{"id":"i1"}')
  const call = { method: 'GET', path: '', answer: ANSWER } as const
  const alone = { ...access, key: `${KEY} alone` }
  const order: string[] = []
  const startedAt = performance.now()
  await Promise.all([
    httpCall(alone, call),
    httpCall(alone, call).then(() => order.push('the second of one key')),
    httpCall(access, call).then(() => order.push('another key')),
  ])
  // Timers may come a moment early.
  expect(performance.now() - startedAt).toBeGreaterThan(980)
  expect(order).toEqual(['another key', 'the second of one key'])
})
