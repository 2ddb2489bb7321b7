import { expect, test } from 'vitest'
import { refusalIn, refusedText } from './launch-words.ts'

test.each(['account', 'request'] as const)('a refused %s is read out of its own words', (kind) => {
  expect(refusalIn(refusedText(kind, 'InvalidParameter'))).toBe(kind)
})

test.each(['', 'back-off 00:05 after mute', 'no placement is free: the account was refused'])(
  '"%s" is no refusal',
  (reason) => {
    expect(refusalIn(reason)).toBeUndefined()
  },
)
