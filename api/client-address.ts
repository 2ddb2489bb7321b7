import { BlockList, isIP } from 'node:net'
import type { Context } from 'hono'
import { MusterError } from '../domain/errors.ts'
import type { AppEnv } from './deps.ts'

/** Proxies that write no `X-Forwarded-For` may write one of these. They are not believed, only seen. */
const SIGNS_OF_A_PROXY = ['forwarded', 'via', 'x-real-ip'] as const

export interface ClientAddress {
  /** Who sent the request: the socket's peer, or the hop that trusted proxies name. Empty when unknown. */
  source: string
  /** True when a proxy passed it on, trusted or not. */
  forwarded: boolean
}

/**
 * Finds the sender of a request. `X-Forwarded-For` is written by anybody; it is read from its right end, and only as
 * far as each hop that wrote it is a trusted proxy.
 *
 * @param trustedProxies addresses or CIDR ranges
 * @throws MusterError `bad_config` for a range that cannot be read
 */
export function createAddressReader(
  trustedProxies: readonly string[],
): (c: Context<AppEnv>) => ClientAddress {
  const trusted = blockListOf(trustedProxies)

  function isTrusted(address: string): boolean {
    const family = isIP(address)
    return family !== 0 && trusted.check(address, family === 4 ? 'ipv4' : 'ipv6')
  }

  return function readAddress(c) {
    const peer = plainAddress(c.env?.incoming?.socket.remoteAddress ?? '')
    const header = c.req.header('x-forwarded-for')
    if (header === undefined)
      return { source: peer, forwarded: SIGNS_OF_A_PROXY.some((name) => c.req.header(name)) }
    const hops = header.split(',').map((hop) => plainAddress(hop.trim()))
    let source = peer
    while (hops.length > 0 && isTrusted(source)) source = hops.pop() ?? source
    return { source: isIP(source) === 0 ? '' : source, forwarded: true }
  }
}

export const isLoopback = (address: string): boolean =>
  address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))

/** IPv4 in IPv6 clothing (`::ffff:10.0.0.1`, what a dual-stack socket reports) is the IPv4 address. */
function plainAddress(address: string): string {
  const lower = address.toLowerCase()
  return lower.startsWith('::ffff:') && isIP(lower.slice(7)) === 4 ? lower.slice(7) : lower
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const family = isIP(address)
    const width = family === 4 ? 32 : 128
    const prefix = bits === undefined ? width : Number(bits)
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > width || bits === '') {
      throw new MusterError(
        'bad_config',
        `trusted proxy "${range}" is neither an address nor a CIDR range; write for example 10.0.0.10, the proxy alone: hosts in a trusted range could report each other's addresses`,
      )
    }
    list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}
