import { expect, test } from 'vitest'
import { createLru } from './lru.ts'

test('what is used stays, what is not used is forgotten', () => {
  const lru = createLru<number>(4)
  lru.set('used', 1)
  lru.set('unused', 2)
  for (let n = 0; n < 10; n += 1) {
    lru.set(`other ${n}`, n)
    expect(lru.get('used')).toBe(1)
  }
  expect(lru.get('unused')).toBeUndefined()
})

test('the latest value counts, whichever half the former lies in, and what is deleted is gone', () => {
  const lru = createLru<string>(4)
  lru.set('a', 'first')
  lru.set('b', 'b')
  lru.set('c', 'c')
  lru.set('a', 'second')
  expect(lru.get('a')).toBe('second')
  lru.delete('a')
  expect(lru.get('a')).toBeUndefined()
})

test('never more is kept than its capacity', () => {
  const lru = createLru<number>(10)
  for (let n = 0; n < 1_000; n += 1) lru.set(String(n), n)
  const kept = Array.from({ length: 1_000 }, (_, n) => lru.get(String(n))).filter((one) => one !== undefined)
  expect(kept.length).toBeGreaterThanOrEqual(5)
  expect(kept.length).toBeLessThanOrEqual(10)
  expect(kept.at(-1)).toBe(999)
})
