import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** One address before several servers: each connection goes to the next one that answers. */
export interface Balancer {
  url: string
  close(): Promise<void>
}

/** @param urls of the servers, on loopback */
export async function startBalancer(urls: readonly string[]): Promise<Balancer> {
  const ports = urls.map((url) => Number(new URL(url).port))
  const sockets = new Set<Socket>()
  let turn = 0
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }
  const server = createServer({ pauseOnConnect: true }, (incoming) => {
    keep(incoming)
    incoming.on('error', () => incoming.destroy())
    turn += 1
    void passOn(incoming, [...ports.slice(turn % ports.length), ...ports.slice(0, turn % ports.length)], keep)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function passOn(incoming: Socket, ports: number[], keep: (socket: Socket) => void): Promise<void> {
  for (const port of ports) {
    const outgoing = connect(port, '127.0.0.1')
    keep(outgoing)
    const reached = await new Promise<boolean>((resolve) => {
      outgoing.once('connect', () => resolve(true))
      outgoing.once('error', () => resolve(false))
    })
    if (!reached) continue
    outgoing.on('error', () => incoming.destroy())
    outgoing.once('close', () => incoming.destroy())
    incoming.once('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
    outgoing.pipe(incoming)
    incoming.resume()
    return
  }
  incoming.destroy()
}
