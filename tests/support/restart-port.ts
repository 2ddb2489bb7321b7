import { connect, createServer } from 'node:net'

/** Below the range that systems hand out by themselves (Linux: 32768 and up), so that nobody is given it meanwhile. */
const RANGE = { from: 20_000, to: 31_999 }
const TRIES = 200

/** A free port of 127.0.0.1 that a server can leave and take again: no outgoing connection is ever given it. */
export async function restartPort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from))
    if (!(await answers(port)) && (await canListen(port))) return port
  }
  throw new Error(`no free port of 127.0.0.1 from ${RANGE.from} to ${RANGE.to}`)
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

/** Whether somebody listens there. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
    socket.once('connect', () => socket.destroy())
  })
}
