import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** As `/proc/net/tcp` numbers it. */
const LISTEN = '0A'

/** Where these processes listen for TCP, as `127.0.0.1` or in the kernel's hexadecimal words for IPv6. Linux only. */
export const listeningAddresses = (pids: readonly number[]): string[] =>
  [...new Set(pids.flatMap(addressesOf))].toSorted()

function addressesOf(pid: number): string[] {
  const sockets = socketsOf(pid)
  return ['tcp', 'tcp6'].flatMap((table) =>
    rowsOf(`/proc/${pid}/net/${table}`)
      .filter(({ state, inode }) => state === LISTEN && sockets.has(inode))
      .map(({ address }) => (table === 'tcp' ? dotted(address) : address)),
  )
}

function socketsOf(pid: number): Set<string> {
  const folder = `/proc/${pid}/fd`
  const links = readdirSync(folder).map((fd) => linkOf(join(folder, fd)))
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.slice(1) ?? []))
}

/** A file may be closed between two looks. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function rowsOf(file: string) {
  const [, ...rows] = readFileSync(file, 'utf8').trim().split('\n')
  return rows.map((row) => {
    const [, local = '', , state = '', , , , , , inode = ''] = row.trim().split(/\s+/)
    return { address: local.split(':')[0] ?? '', state, inode }
  })
}

/** The kernel writes the four bytes of an address as one number of the machine: little-endian here. */
const dotted = (hex: string): string =>
  (hex.match(/../g) ?? [])
    .toReversed()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.')
