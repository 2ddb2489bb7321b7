import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { runningStack } from './remembered.ts'

const DEAD_PID = 2 ** 30

let folder: string

beforeEach(() => {
  const runtime = mkdtempSync(join(tmpdir(), 'muster-remembered-'))
  onTestFinished(() => rmSync(runtime, { recursive: true, force: true }))
  vi.stubEnv('XDG_RUNTIME_DIR', runtime)
  folder = join(runtime, 'muster', 'running')
  mkdirSync(folder, { recursive: true })
})

function remember(name: string, pid: number, startedAtSeconds: number): void {
  const path = join(folder, `${pid}.json`)
  const links = {
    api: `http://${name}`,
    token: 't',
    temporal: { address: '127.0.0.1:1' },
    namespace: 'default',
  }
  writeFileSync(path, JSON.stringify({ ...links, state: `/${name}`, pid, born: '' }))
  utimesSync(path, startedAtSeconds, startedAtSeconds)
}

test('of several stacks the one started last is found, and when it has ended the other one', async () => {
  const later = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  onTestFinished(() => void later.kill('SIGKILL'))
  remember('first', process.pid, 1000)
  remember('later', later.pid ?? 0, 2000)
  expect(runningStack()?.api).toBe('http://later')
  const ended = new Promise((resolve) => later.once('exit', resolve))
  later.kill('SIGKILL')
  await ended
  expect(runningStack()?.api).toBe('http://first')
})

test('what a killed stack has left is dropped, and what cannot be read is passed over', () => {
  remember('killed', DEAD_PID, 3000)
  remember('runs', process.pid, 1000)
  writeFileSync(join(folder, 'other.json'), 'nothing of ours')
  expect(runningStack()?.api).toBe('http://runs')
  expect(readdirSync(folder)).not.toContain(`${DEAD_PID}.json`)
})

test('without any there is none', () => {
  expect(runningStack()).toBeUndefined()
  rmSync(folder, { recursive: true })
  expect(runningStack()).toBeUndefined()
})
