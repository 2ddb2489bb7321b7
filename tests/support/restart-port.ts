import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Below the range that systems hand out on their own (Linux: 32768 and up), so that nobody is given it meanwhile. */
const RANGE = { from: 20_000, to: 31_999 }
const TRIES = 200
/** A file a port, for all test runs of this machine: while its server is away the port looks free to everybody. */
const CLAIMS = join(tmpdir(), 'muster-test-ports')

/**
 * A free port of 127.0.0.1 that a server can leave and take again: no outgoing connection is ever given it, and no other
 * caller, of whatever process, as long as this process lives. Else workers of one test would find the Temporal of another
 * where their own was, with hosts of the same names.
 */
export async function restartPort({ from, to } = RANGE): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = from + Math.floor(Math.random() * (to - from + 1))
    if (!claim(port)) continue
    if (!(await answers(port)) && (await canListen(port))) return port
    rmSync(join(CLAIMS, String(port)), { force: true })
  }
  throw new Error(`no free port of 127.0.0.1 from ${from} to ${to}`)
}

/** True when nobody else that lives has claimed it. */
function claim(port: number): boolean {
  mkdirSync(CLAIMS, { recursive: true })
  const file = join(CLAIMS, String(port))
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    // What the dead have left is free for the next try.
    if (!isHeld(file)) rmSync(file, { force: true })
    return false
  }
}

function isHeld(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    // Nothing in it yet: made this very moment.
    return pid === 0 || process.kill(pid, 0)
  } catch (error) {
    if (codeOf(error) === 'EPERM') return true
    if (codeOf(error) === 'ESRCH' || codeOf(error) === 'ENOENT') return false
    throw error
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

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
