import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

import { expect, test } from 'vitest'

const script = join(import.meta.dirname, 'run.mjs')

function run(...args: string[]) {
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', cwd: tmpdir() })
}

test('an unknown word is answered with the list of words and exit code 2, stdout untouched', () => {
  const { status, stdout, stderr } = run('strat')
  expect(status).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain('there is nothing called `strat` to run')
  const words = ['start', 'demo', 'emulator', 'muster', 'bench', 'build:agent', 'build:workflows']
  for (const word of [...words, 'test', 'test:deep']) {
    expect(stderr).toMatch(new RegExp(`^  ${word} `, 'm'))
  }
  expect(run().status).toBe(2)
})

test('an unknown check is answered with the list of checks and exit code 2', () => {
  const { status, stdout, stderr } = run('test', 'lnit')
  expect(status).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain('format lint types rooms deadcode unit integration')
})
