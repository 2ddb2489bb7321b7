import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { thisProcess } from './process-id.ts'
import { takeStateDir } from './state-dir.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'muster-state-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('a lock of a process that lives is refused with its number', () => {
  const path = folder()
  writeFileSync(join(path, 'lock'), JSON.stringify({ pid: process.ppid, born: '' }))
  expect(() => takeStateDir(path, false)).toThrow(`another stack (process ${process.ppid}) runs on ${path}`)
})

test.each([
  ['has ended', { pid: 2 ** 30, born: '' }],
  ['ended, and its number went to another one', { pid: process.ppid, born: 'long ago' }],
])('a lock whose process %s is taken over', (_, owner) => {
  const path = folder()
  writeFileSync(join(path, 'lock'), JSON.stringify(owner))
  const state = takeStateDir(path, false)
  state.release()
  expect(existsSync(join(path, 'lock'))).toBe(false)
})

test('a lock of half a word is nobody’s', () => {
  const path = folder()
  writeFileSync(join(path, 'lock'), '{"pi')
  const state = takeStateDir(path, false)
  expect(existsSync(state.file('lock'))).toBe(true)
  state.release()
})

test('fresh drops what a stack kept, and is new again', () => {
  const path = folder()
  writeFileSync(join(path, 'secrets.json'), '{}')
  writeFileSync(join(path, 'muster.db'), 'x')
  const kept = takeStateDir(path, false)
  expect(kept.isNew).toBe(false)
  kept.release()
  const fresh = takeStateDir(path, true)
  expect(fresh.isNew).toBe(true)
  expect(existsSync(join(path, 'muster.db'))).toBe(false)
  expect(existsSync(join(path, 'lock'))).toBe(true)
  fresh.release()
})

test('fresh drops nothing of a folder that is not one of a stack', () => {
  const path = folder()
  writeFileSync(join(path, 'letter.txt'), 'dear')
  expect(() => takeStateDir(path, true)).toThrow('holds files, but no state of Muster')
  expect(existsSync(join(path, 'letter.txt'))).toBe(true)
  expect(existsSync(join(path, 'lock'))).toBe(false)
})

test('the system knows when this process began', () => {
  expect(thisProcess().born).not.toBe('')
})
