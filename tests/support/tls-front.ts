import { readFileSync } from 'node:fs'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { createServer } from 'node:tls'
import type { Certificate } from './certificates.ts'

export interface TlsFrontOptions {
  /** host:port of the server behind it, which speaks plain text. */
  to: string
  shows: Certificate
  /** Path of the authority whose certificates clients must show; absent: they need none. */
  clientCa?: string
  /** Absent: as new as both ends can. */
  maxVersion?: 'TLSv1.2'
}

/** The end of TLS before a server, on loopback. */
export interface TlsFront {
  address: string
  /** Connections that have come through to the server. */
  passed: () => number
  close: () => Promise<void>
}

export async function startTlsFront({ to, shows, clientCa, maxVersion }: TlsFrontOptions): Promise<TlsFront> {
  const sockets = new Set<Socket>()
  let passed = 0
  const { hostname, port } = new URL(`tcp://${to}`)
  const server = createServer(
    {
      key: readFileSync(shows.key),
      cert: readFileSync(shows.cert),
      // What gRPC clients ask for, and leave when it is not granted.
      ALPNProtocols: ['h2'],
      ...(maxVersion && { maxVersion }),
      ...(clientCa !== undefined && {
        ca: readFileSync(clientCa),
        requestCert: true,
        rejectUnauthorized: true,
      }),
    },
    (socket) => {
      passed += 1
      const behind = connect({ host: hostname, port: Number(port) })
      for (const [one, other] of [
        [socket, behind],
        [behind, socket],
      ] as const) {
        sockets.add(one)
        one.pipe(other)
        one.on('error', () => other.destroy())
        one.once('close', () => {
          sockets.delete(one)
          other.destroy()
        })
      }
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed: () => passed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
