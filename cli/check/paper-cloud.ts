import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A listener on loopback that says of every signed request that it would work. */
export interface PaperCloud {
  /** host:port */
  endpoint: string
  close(): Promise<void>
}

/** Requests are built and signed by the SDK while it sends them: here they end, on this machine. */
export async function openPaperCloud(): Promise<PaperCloud> {
  const server = createServer((request, response) => {
    request.resume()
    const isSigned = /Signature=[0-9a-f]{64}/.test(request.headers.authorization ?? '')
    const body = isSigned
      ? { Code: 'DryRunOperation', Message: 'built and signed, not sent', RequestId: 'offline-0000' }
      : { Code: 'IncompleteSignature', Message: 'the request is not signed', RequestId: 'offline-0000' }
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
