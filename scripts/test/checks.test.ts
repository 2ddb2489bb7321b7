import { expect, test } from 'vitest'

interface Choice {
  chosen?: { word: string }[]
  vitestArgs?: string[]
  problem?: string
}
interface ChecksModule {
  chooseChecks: (args: readonly string[], deep: boolean) => Choice
}
const { chooseChecks } = (await import(new URL('./checks.mjs', import.meta.url).href)) as ChecksModule

const words = (choice: Choice) => choice.chosen?.map(({ word }) => word)

test('without words every check runs, in its order', () => {
  expect(words(chooseChecks([], false))).toEqual([
    'format',
    'lint',
    'types',
    'rooms',
    'deadcode',
    'unit',
    'integration',
  ])
})

test('words choose checks whatever their order', () => {
  expect(words(chooseChecks(['types', 'lint'], false))).toEqual(['lint', 'types'])
})

test('what follows the words goes to vitest, even when it is named like a check', () => {
  const choice = chooseChecks(['unit', 'domain/cron', '-t', 'lint'], false)
  expect(words(choice)).toEqual(['unit'])
  expect(choice.vitestArgs).toEqual(['domain/cron', '-t', 'lint'])
})

test('a word that no check has and no vitest check takes is refused with the list', () => {
  expect(chooseChecks(['domain/cron'], false).problem).toMatch(/no check called `domain\/cron`.*format lint/)
  expect(chooseChecks(['lint', 'domain/cron'], false).problem).toContain('`domain/cron`')
})
