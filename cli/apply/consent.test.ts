import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { requireConsent, type Terminal } from './consent.ts'

const DOUBTS = ['fleet render would retire 3 of its 4 hosts (75 %)', 'schedule night would be deleted']

/** A terminal at which somebody has typed this; an empty text is the end of the input. */
function terminalWith(typed: string, { isTTY = true } = {}): { terminal: Terminal; shown: () => string } {
  const input = Object.assign(new PassThrough(), { isTTY })
  const output = Object.assign(new PassThrough(), { isTTY })
  input.end(typed)
  return { terminal: { input, output }, shown: () => stripVTControlCharacters(String(output.read() ?? '')) }
}

test.each(['y', 'yes', 'Y', ' YES '])('%j goes on', async (answer) => {
  const { terminal, shown } = terminalWith(`${answer}\n`)
  await requireConsent(DOUBTS, {}, terminal)
  expect(shown()).toContain(`  ${DOUBTS[0]}\n  ${DOUBTS[1]}\nGo on? [y/N] `)
})

test.each(['\n', 'n\n', 'no\n', 'yep\n', 'yes please\n', ''])('%j changes nothing', async (typed) => {
  const { terminal, shown } = terminalWith(typed)
  await expect(requireConsent(DOUBTS, {}, terminal)).rejects.toMatchObject({
    code: 'conflict',
    message: 'nothing was changed: you said no',
  })
  expect(shown()).toContain('Go on? [y/N] ')
})

test.each([
  ['nothing is in doubt', [], {}],
  ['--yes was said', DOUBTS, { yes: true }],
])('nobody is asked when %s', async (_when, doubts, options) => {
  const { terminal, shown } = terminalWith('n\n')
  await requireConsent(doubts, options, terminal)
  expect(shown()).toBe('')
})

test.each([
  ['a program asked for JSON', { json: true }, true],
  ['nobody sits there', {}, false],
])('when %s the doubts are an error that says how to agree', async (_when, options, isTTY) => {
  const { terminal, shown } = terminalWith('y\n', { isTTY })
  await expect(requireConsent(DOUBTS, options, terminal)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/nobody has agreed to this:\n {2}fleet render .*\n.*\nsay --yes/),
    details: { doubts: DOUBTS },
  })
  expect(shown()).toBe('')
})
