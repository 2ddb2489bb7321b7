import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setImmediate } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { scratchFolder } from '../testing.ts'

interface LockModule {
  withLock: <T>(path: string, work: () => Promise<T>, options?: { waitMs?: number }) => Promise<T>
}
const { withLock } = (await import(new URL('./lock.mjs', import.meta.url).href)) as LockModule

function held(path: string, owner: number): string {
  mkdirSync(path)
  writeFileSync(join(path, 'owner'), String(owner))
  return path
}

test('work under one lock never overlaps, and the lock is gone afterwards', async () => {
  const path = join(scratchFolder(), 'lock')
  let inside = 0
  let most = 0
  const work = async () => {
    inside += 1
    most = Math.max(most, inside)
    await setImmediate()
    inside -= 1
  }
  await Promise.all([1, 2, 3, 4].map(() => withLock(path, work)))
  expect(most).toBe(1)
  expect(existsSync(path)).toBe(false)
})

test('a lock whose process is gone is taken over', async () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  const path = held(join(scratchFolder(), 'lock'), pid)
  expect(await withLock(path, () => Promise.resolve('done'))).toBe('done')
})

test('a lock of a living process is waited for, and named when that takes too long', async () => {
  const path = held(join(scratchFolder(), 'lock'), process.pid)
  await expect(withLock(path, () => Promise.resolve(), { waitMs: 150 })).rejects.toThrow(
    `process ${process.pid}) has held ${path}`,
  )
  expect(existsSync(path)).toBe(true)
})

test('the lock is released when the work fails', async () => {
  const path = join(scratchFolder(), 'lock')
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(existsSync(path)).toBe(false)
})
