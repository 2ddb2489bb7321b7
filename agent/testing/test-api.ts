import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as it came over the wire. */
export interface Seen {
  method: string
  path: string
  body: Record<string, unknown>
  headers: IncomingMessage['headers']
  remoteAddress: string
  /** The client's port: the same for requests on one kept connection. */
  remotePort: number
}

export interface Reply {
  status: number
  body?: unknown
  headers?: Record<string, string>
  /** Cut the connection instead of an answer. */
  reset?: boolean
}

export interface TestServer {
  url: string
  seen: Seen[]
  /** Those of one path, oldest first. */
  of(path: string): Seen[]
  /** Ends idle connections, as a server does after its keep-alive time. */
  dropConnections(): void
  close(): Promise<void>
}

/** A real HTTP server on loopback whose answers a test decides. */
export async function startTestServer(
  reply: (seen: Seen, server: TestServer) => Reply | Promise<Reply>,
): Promise<TestServer> {
  const seen: Seen[] = []
  const http = createServer((request, response) => {
    receive(request).then(
      async (one) => {
        seen.push(one)
        answer(response, await reply(one, server))
      },
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const server: TestServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    seen,
    of: (path) => seen.filter((one) => one.path === path),
    dropConnections: () => http.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
  return server
}

async function receive(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    headers: request.headers,
    remoteAddress: request.socket.remoteAddress ?? '',
    remotePort: request.socket.remotePort ?? 0,
  }
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply.reset === true) {
    response.destroy()
    return
  }
  const { body = {} } = reply
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(text)
}

/** Waits for a condition instead of a time. */
export async function until(what: string, holds: () => boolean, deadlineMs = 10_000): Promise<void> {
  const endMs = Date.now() + deadlineMs
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
