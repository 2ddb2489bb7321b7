import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { createAddressPool, formatAddress, parseAddress, parseCidr } from './addresses.ts'

test('addresses and blocks are read and written', () => {
  expect(formatAddress(parseAddress('127.16.255.1')!)).toBe('127.16.255.1')
  expect(parseAddress('127.16.256.1')).toBeUndefined()
  expect(parseAddress('127.16.1')).toBeUndefined()
  const { first, last } = parseCidr('127.16.5.9/20')
  expect([formatAddress(first), formatAddress(last)]).toEqual(['127.16.0.0', '127.16.15.255'])
  expect(() => parseCidr('127.0.0.0/30')).toThrow(/8 to 29 bits/)
  expect(() => parseCidr('everything')).toThrow(/"everything" is not an IPv4 block/)
})

test('the first and the last three addresses are the cloud’s own', () => {
  const pool = createAddressPool('127.16.0.0/28', createRandom('reserved'))
  const taken = Array.from({ length: 12 }, () => pool.take())
  expect(new Set(taken)).toEqual(new Set(Array.from({ length: 12 }, (_, n) => `127.16.0.${n + 1}`)))
  expect(pool.take()).toBeUndefined()
  expect(pool.contains('127.16.0.0')).toBe(false)
  expect(pool.contains('127.16.0.13')).toBe(false)
})

test('an address given back comes again only after the others', () => {
  const pool = createAddressPool('127.16.0.0/28', createRandom('round'))
  const first = pool.take()!
  pool.giveBack(first)
  const round = Array.from({ length: 12 }, () => pool.take())
  expect(round.at(-1)).toBe(first)
})
