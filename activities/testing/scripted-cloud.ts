import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { createEcsApi } from '../ecs/client.ts'
import type { EcsApi, EcsConfig } from '../ecs/api.ts'

/** One request as it came over the wire. */
export interface WireCall {
  action: string
  query: URLSearchParams
  respond(status: number, body: unknown, headers?: Record<string, string>): void
  raw: { request: IncomingMessage; response: ServerResponse }
}

/**
 * The cloud's side of the wire, for answers no real cloud and no emulator gives on demand. Tests say per call what comes
 * back; the client and everything above it are the real ones.
 */
export interface ScriptedCloud {
  ecs: EcsApi
  calls: { action: string; query: URLSearchParams }[]
  /** Done on its own when the test has ended. */
  close(): Promise<void>
}

export async function scriptedCloud(
  answer: (call: WireCall) => void,
  config: Partial<EcsConfig> = {},
): Promise<ScriptedCloud> {
  const calls: ScriptedCloud['calls'] = []
  const server = createServer({ maxHeaderSize: 131_072 }, (request, response) => {
    const action = String(request.headers['x-acs-action'])
    const query = new URL(request.url ?? '/', 'http://cloud').searchParams
    calls.push({ action, query })
    answer({
      action,
      query,
      raw: { request, response },
      respond(status, body, headers = {}) {
        response.writeHead(status, { 'content-type': 'application/json', ...headers })
        response.end(typeof body === 'string' ? body : JSON.stringify(body))
      },
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const ecs = createEcsApi({
    region: 'cn-hangzhou',
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    protocol: 'http',
    credentials: { accessKeyId: 'test', accessKeySecret: 'planted-access-secret' },
    ...config,
  })
  async function close(): Promise<void> {
    if (!server.listening) return
    server.closeAllConnections()
    await new Promise((resolve) => {
      server.close(resolve)
    })
  }
  onTestFinished(close)
  return { ecs, calls, close }
}

/** An error as the cloud writes it. */
export const refusal = (Code: string, Message = 'The request was refused.') => ({
  RequestId: '473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E',
  HostId: 'ecs.cn-hangzhou.aliyuncs.com',
  Code,
  Message,
})
