import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { createAddressReader } from './client-address.ts'
import type { AppEnv } from './deps.ts'

async function read(proxies: string[], peer: string | undefined, forwarded?: string): Promise<unknown> {
  const addressOf = createAddressReader(proxies)
  const app = new Hono<AppEnv>().get('/', (c) => c.json(addressOf(c)))
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  const response = await app.request('/', { headers }, {
    incoming: { socket: { remoteAddress: peer } },
  } as never)
  return await response.json()
}

const cases: [string, string[], string | undefined, string | undefined, string][] = [
  ['the peer', [], '10.0.0.1', undefined, '10.0.0.1'],
  ['an IPv4 peer of a dual-stack socket', [], '::ffff:10.0.0.1', undefined, '10.0.0.1'],
  ['nothing without a socket', [], undefined, undefined, ''],
  ['the peer when nobody is trusted', [], '10.0.0.1', '1.1.1.1', '10.0.0.1'],
  ['what a trusted address names', ['10.0.0.1'], '10.0.0.1', '1.1.1.1', '1.1.1.1'],
  ['what a trusted range names', ['10.0.0.0/8'], '10.200.0.1', '1.1.1.1', '1.1.1.1'],
  ['the last untrusted hop', ['10.0.0.0/8'], '10.0.0.1', '6.6.6.6, 1.1.1.1, 10.0.0.2', '1.1.1.1'],
  ['nothing when that hop is no address', ['10.0.0.0/8'], '10.0.0.1', '1.1.1.1, unknown', ''],
  ['the first hop when all are trusted', ['10.0.0.0/8'], '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['an IPv6 hop', ['fd00::/8'], 'fd00::1', '2001:db8::7', '2001:db8::7'],
]

test.each(cases)('the sender is %s', async (_what, proxies, peer, forwarded, source) => {
  expect(await read(proxies, peer, forwarded)).toEqual({ source, forwarded: forwarded !== undefined })
})

test.each(['10.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/x', 'proxy.local', '::1/129'])(
  'the range "%s" is refused with what to write',
  (range) => {
    expect(() => createAddressReader([range])).toThrow(
      /neither an address nor a CIDR range; write for example/,
    )
  },
)
