import { MusterError } from '../../domain/errors.ts'
import type { Random } from '../random.ts'

/** First and last address of a CIDR block, as numbers. */
export interface Block {
  first: number
  last: number
}

/** Parses `a.b.c.d/n`. Throws a MusterError naming the text when it is no IPv4 block. */
export function parseCidr(cidr: string): Block {
  const [address = '', bits = ''] = cidr.split('/')
  const base = parseAddress(address)
  const prefix = /^\d{1,2}$/.test(bits) ? Number(bits) : -1
  if (base === undefined || prefix < 8 || prefix > 29) {
    throw new MusterError('bad_request', `"${cidr}" is not an IPv4 block with a prefix of 8 to 29 bits.`)
  }
  const size = 2 ** (32 - prefix)
  const first = Math.floor(base / size) * size
  return { first, last: first + size - 1 }
}

/** Number of a dotted address; undefined when it is none. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}

/** Private addresses of one vSwitch. The first and the last three of the block are the cloud's own. */
export interface AddressPool {
  /** Next free address, or undefined when none is left. Addresses given back are reused only after a full round. */
  take(): string | undefined
  /** Takes this one; false when it is in use. */
  claim(address: string): boolean
  /** Whether the address may be given to an instance at all. */
  contains(address: string): boolean
  giveBack(address: string): void
  free(): number
}

/** @param random where the round begins, so that two emulators on one machine seldom want the same address. */
export function createAddressPool(cidr: string, random: Random): AddressPool {
  const block = parseCidr(cidr)
  const first = block.first + 1
  const last = block.last - 3
  const size = last - first + 1
  const used = new Set<number>()
  let cursor = first + random.integer(size)
  const inside = (address: number | undefined): address is number =>
    address !== undefined && address >= first && address <= last
  return {
    take() {
      if (used.size >= size) return undefined
      while (used.has(cursor)) cursor = cursor === last ? first : cursor + 1
      const address = cursor
      used.add(address)
      cursor = cursor === last ? first : cursor + 1
      return formatAddress(address)
    },
    claim(text) {
      const address = parseAddress(text)
      if (!inside(address) || used.has(address)) return false
      used.add(address)
      return true
    },
    contains: (text) => inside(parseAddress(text)),
    giveBack(text) {
      const address = parseAddress(text)
      if (address !== undefined) used.delete(address)
    },
    free: () => size - used.size,
  }
}
