import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createHttpClient } from './http.ts'
import { startTestServer, until } from './testing/test-api.ts'
import type { TestServer } from './testing/test-api.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function open(reply: Parameters<typeof startTestServer>[0]): Promise<TestServer> {
  const server = await startTestServer(reply)
  closing.push(() => server.close())
  return server
}

function client(options?: { localAddress?: string }) {
  const http = createHttpClient(options)
  closing.push(() => http.close())
  return http
}

const get = (url: string, timeoutMs = 5_000) => ({ method: 'GET', url, timeoutMs }) as const

test('requests reuse one connection', async () => {
  const server = await open(() => ({ status: 200 }))
  const http = client()
  for (let n = 0; n < 3; n += 1) await http.request(get(server.url))
  expect(new Set(server.seen.map((one) => one.remotePort)).size).toBe(1)
})

test('connections come from the local address that was asked for', async () => {
  const server = await open(() => ({ status: 200 }))
  await client({ localAddress: '127.77.3.9' }).request(get(server.url))
  expect(server.seen[0]?.remoteAddress).toBe('127.77.3.9')
})

test('a kept connection that the server reset is tried again at once, on a new one', async () => {
  let resets = 1
  const server = await open((seen) => ({ status: 200, reset: seen.path === '/second' && resets-- > 0 }))
  const http = client()
  await http.request(get(`${server.url}/first`))
  const answer = await http.request(get(`${server.url}/second`))
  expect(answer.status).toBe(200)
  const [first, second] = server.of('/second')
  expect(first?.remotePort).not.toBe(second?.remotePort)
})

test('a reset on a new connection is an error, not tried again here', async () => {
  const server = await open(() => ({ status: 200, reset: true }))
  await expect(client().request(get(server.url))).rejects.toMatchObject({ code: 'unavailable' })
  expect(server.seen).toHaveLength(1)
})

test('no answer in time is timed_out', async () => {
  const server = await open(() => new Promise(() => undefined))
  await expect(client().request(get(server.url, 50))).rejects.toMatchObject({ code: 'timed_out' })
})

test('an answer that stops half way is timed_out too', async () => {
  const raw = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')
  })
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve))
  closing.push(() => void raw.close())
  const url = `http://127.0.0.1:${(raw.address() as AddressInfo).port}`
  await expect(client().request(get(url, 100))).rejects.toMatchObject({ code: 'timed_out' })
})

test('a connection that is cut in the middle of an answer is unavailable', async () => {
  const raw = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')
  })
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve))
  closing.push(() => void raw.close())
  const url = `http://127.0.0.1:${(raw.address() as AddressInfo).port}`
  await expect(client().request(get(url))).rejects.toMatchObject({ code: 'unavailable' })
})

test('nobody listens: unavailable, with the address in the text', async () => {
  const server = await startTestServer(() => ({ status: 200 }))
  await server.close()
  await expect(client().request(get(`${server.url}/x`))).rejects.toThrow(
    /GET http:\/\/127\.0\.0\.1:\d+\/x: .*ECONNREFUSED/,
  )
})

test.each(['ftp://127.0.0.1/', 'nonsense'])('%s is refused as no http URL', async (url) => {
  await expect(client().request(get(url))).rejects.toMatchObject({ code: 'bad_config' })
})

test('https is spoken when the URL says so', async () => {
  const hellos: Buffer[] = []
  const raw = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (bytes) => {
      hellos.push(bytes)
      socket.destroy()
    })
  })
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve))
  closing.push(() => void raw.close())
  const url = `https://127.0.0.1:${(raw.address() as AddressInfo).port}`
  await expect(client().request(get(url))).rejects.toMatchObject({ code: 'unavailable' })
  await until('a TLS hello', () => hellos.length > 0)
  // Record type 22, TLS handshake.
  expect(hellos[0]?.[0]).toBe(22)
})
