import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MusterError } from '../domain/errors.ts'
import type { Outcome } from './dispatch.ts'
import { CloudError } from './errors.ts'
import { errorReply } from './format/reply.ts'
import type { Reply } from './format/reply.ts'
import { readRequest } from './request.ts'
import type { ApiRequest } from './request.ts'

/** Every parameter travels in the query, user data of 32 KiB in Base64 and percent-encoding included. */
const MAX_HEADER_BYTES = 256 * 1024

export interface HttpServer {
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

/**
 * Listens for API calls and the admin plane.
 *
 * @param handle decides what becomes of a request; whatever it throws is answered as InternalError.
 * @throws MusterError when the port cannot be had.
 */
export async function listen(
  address: { host: string; port: number },
  handle: (request: ApiRequest) => Promise<Outcome>,
): Promise<HttpServer> {
  const hanging = new Set<NodeJS.Timeout>()
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (incoming, response) => {
    void answer(incoming, response, handle, hanging)
  })
  // Old Go clients ask a location service by HTTPS first, through HTTP_PROXY: a quick no costs nothing, a hang seconds.
  server.on('connect', (_request, socket) => {
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
  await bind(server, address)
  const { port } = server.address() as AddressInfo
  return {
    host: address.host,
    port,
    async close() {
      for (const timer of hanging) clearTimeout(timer)
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      // Clients keep connections alive for as long as they like, and some hang on purpose.
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  handle: (request: ApiRequest) => Promise<Outcome>,
  hanging: Set<NodeJS.Timeout>,
): Promise<void> {
  let outcome: Outcome
  try {
    outcome = await handle(await readRequest(incoming))
  } catch (error) {
    outcome = { kind: 'reply', reply: failure(error, incoming.headers.host ?? '') }
  }
  const { socket } = incoming
  if (outcome.kind === 'reply') {
    send(response, outcome.reply)
  } else if (outcome.kind === 'reset') {
    socket.resetAndDestroy()
  } else if (outcome.seconds !== undefined) {
    const timer = setTimeout(() => {
      hanging.delete(timer)
      socket.resetAndDestroy()
    }, outcome.seconds * 1000)
    hanging.add(timer)
  }
}

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, {
    ...reply.headers,
    'content-type': reply.contentType,
    'content-length': Buffer.byteLength(reply.body),
  })
  response.end(reply.body)
}

function failure(error: unknown, host: string): Reply {
  const shown = error instanceof CloudError ? error : new CloudError('InternalError', 500, String(error))
  return errorReply('JSON', shown, '', host)
}

async function bind(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new MusterError(
          'bad_config',
          `The emulator cannot listen on ${host}:${port}. Choose another port, or 0 for a free one.`,
          {
            cause,
          },
        ),
      )
    })
    server.listen(port, host, resolve)
  })
}
