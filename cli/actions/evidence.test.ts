import { expect, test } from 'vitest'
import { printable } from './evidence.ts'

test('console text keeps its lines and loses what would command a terminal', () => {
  expect(printable('boot\r\n\tready \u001b]0;owned\u0007\u009b2J ü\n')).toBe(
    'boot\n\tready \ufffd]0;owned\ufffd\ufffd2J ü\n',
  )
})
