import { expect, test } from 'vitest'
import type { z } from 'zod'
import { withoutConsequences } from './all-issues.ts'
import { problemsOf } from './testing/problems-of.ts'

const GOOD =
  'image: m-1, securityGroups: [sg-1], placements: [{ zone: cn-hangzhou-h, vSwitch: vsw-1, type: ecs.g7.large }]'

const fieldsOf = (text: string): string[] => problemsOf(text).map((told) => told.replace(/: .*/, ''))

test('what is wrong below a wrong name is told together with the name', () => {
  const text = `
fleets:
  Render:
    size: -1
    colour: red
    hosts: { ${GOOD}, tags: { 'muster:a': 5, b: 6 } }
  x0: { size: 1, hosts: { ${GOOD}, tags: { 'acs:a': 7 } } }
schedules:
  'at night':
    cron: 5
    do: { sweep: {} }
`
  expect(fieldsOf(text)).toEqual([
    '3 fleets.Render',
    '4 fleets.Render.size',
    '5 fleets.Render.colour',
    '6 fleets.Render.hosts.tags.muster:a',
    '6 fleets.Render.hosts.tags.muster:a',
    '6 fleets.Render.hosts.tags.b',
    '7 fleets.x0.hosts.tags.acs:a',
    '7 fleets.x0.hosts.tags.acs:a',
    '9 schedules.at night',
    '10 schedules.at night.cron',
  ])
  expect(problemsOf(text).filter((told) => told.includes('muster:a'))).toEqual([
    expect.stringMatching(/expected a tag key .*, found "muster:a"$/),
    expect.stringMatching(/expected a tag value: .*, found 5$/),
  ])
})

test('a wrong name with a right value is told once', () => {
  expect(fieldsOf(`fleets: { A: { size: 1, hosts: { ${GOOD} } } }`)).toEqual(['1 fleets.A'])
})

const issue = (code: string, message: string, path: PropertyKey[] = ['a']) =>
  ({ code, message, path }) as unknown as z.core.$ZodIssue

test.each<[string, z.core.$ZodIssue[], string[]]>([
  [
    'a length beside a wrong type',
    [issue('invalid_type', 'a list'), issue('too_small', 'one at least')],
    ['a list'],
  ],
  ['the same words twice', [issue('too_big', 'short'), issue('invalid_format', 'short')], ['short']],
])('%s is a consequence', (_name, issues, left) => {
  expect(withoutConsequences(issues).map(({ message }) => message)).toEqual(left)
})

test.each<[string, z.core.$ZodIssue[]]>([
  ['two different problems of one value', [issue('too_big', 'short'), issue('custom', 'none twice')]],
  ['a wrong name and a wrong value', [issue('invalid_key', 'a name'), issue('invalid_type', 'a number')]],
  ['a wrong value and a wrong name', [issue('invalid_type', 'a number'), issue('invalid_key', 'a name')]],
  ['the same words of two fields', [issue('too_big', 'short'), issue('too_big', 'short', ['b'])]],
])('%s are all told', (_name, issues) => {
  expect(withoutConsequences(issues)).toEqual(issues)
})
