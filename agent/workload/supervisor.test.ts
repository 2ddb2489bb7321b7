import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Workload } from '../../domain/wire.ts'
import { fakeRuntime } from '../testing/fake-runtime.ts'
import { isAlive } from '../testing/run-bundle.ts'
import { until } from '../testing/test-api.ts'
import { taskkill } from './kill.ts'
import { superviseWorkload } from './supervisor.ts'
import type { Supervisor } from './supervisor.ts'
import { tempFolder } from '../../emulator/testing/temp-folder.ts'

const running: Supervisor[] = []
afterEach(async () => {
  for (const one of running.splice(0)) {
    one.kill()
    await one.stop()
  }
})

function supervise(workload: Partial<Workload> & { command: string[] }, env: Record<string, string> = {}) {
  const cwd = tempFolder('workload')
  const runtime = fakeRuntime()
  const supervisor = superviseWorkload({
    workload: { stopTimeoutMs: 5_000, restart: 'never', ...workload },
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    log: runtime.log,
    nowMs: Date.now,
    restartBackOff: { baseMs: 5, capMs: 20 },
  })
  running.push(supervisor)
  supervisor.start()
  return { supervisor, cwd, runtime }
}

const inState = (supervisor: Supervisor, state: string) =>
  until(`workload is ${state}`, () => supervisor.report().state === state)

/** A shell that writes its own pid and a child's, then waits. */
const family = ['sh', '-c', 'sleep 600 & echo "$$ $!" > pids.tmp; mv pids.tmp pids; wait']
async function readFamily(cwd: string): Promise<number[]> {
  await until('pids are written', () => existsSync(join(cwd, 'pids')))
  return readFileSync(join(cwd, 'pids'), 'utf8').trim().split(' ').map(Number)
}

describe('restart', () => {
  test('never: an end with 0 is stopped', async () => {
    const { supervisor } = supervise({ command: ['true'] })
    await inState(supervisor, 'stopped')
    expect(supervisor.report()).toEqual({ state: 'stopped', restarts: 0, exitCode: 0 })
  })

  test('never: an end with another code is failed', async () => {
    const { supervisor } = supervise({ command: ['sh', '-c', 'exit 7'] })
    await inState(supervisor, 'failed')
    expect(supervisor.report()).toEqual({ state: 'failed', restarts: 0, exitCode: 7 })
  })

  test('never: a failure is told with the end of its error output, however much that is', async () => {
    const words =
      'i=0; while [ $i -lt 400 ]; do echo "line $i" >&2; i=$((i+1)); done; echo "no licence" >&2; exit 3'
    const { supervisor } = supervise({ command: ['sh', '-c', words] })
    await inState(supervisor, 'failed')
    const { lastWords = '' } = supervisor.report()
    expect(lastWords).toMatch(/^[ \w]*line 398 line 399 no licence$/)
    expect(lastWords).toHaveLength(300)
  })

  test('never: the enrollment token, should a workload have it, is cut from its last words', async () => {
    const { supervisor } = supervise({ command: ['sh', '-c', 'echo "bad v1.abc.d-e.f_g token" >&2; exit 1'] })
    await inState(supervisor, 'failed')
    expect(supervisor.report().lastWords).toBe('bad [cut] token')
  })

  test('never: a failure is told at once though a process that got away holds the error output', async () => {
    const leaving = 'setsid sleep 3 & echo "cannot go on" >&2; exit 4'
    const { supervisor } = supervise({ command: ['sh', '-c', leaving] })
    const before = Date.now()
    await inState(supervisor, 'failed')
    expect(Date.now() - before).toBeLessThan(2_500)
    expect(supervisor.report()).toMatchObject({ exitCode: 4, lastWords: 'cannot go on' })
  })

  test('onFailure: again after a failure, not after success', async () => {
    const twice = 'test -e second && exit 0; test -e first && touch second; touch first; exit 3'
    const { supervisor } = supervise({ command: ['sh', '-c', twice], restart: 'onFailure' })
    await inState(supervisor, 'stopped')
    expect(supervisor.report()).toMatchObject({ restarts: 2, exitCode: 0 })
  })

  test('always: also after success', async () => {
    const { supervisor } = supervise({ command: ['true'], restart: 'always' })
    await until('three restarts', () => supervisor.report().restarts >= 3)
    await supervisor.stop()
    expect(supervisor.report().state).toBe('stopped')
    const { restarts } = supervisor.report()
    // Longer than any back-off of this test.
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(supervisor.report().restarts).toBe(restarts)
  })

  test('a program that does not exist is failed, and said', async () => {
    const { supervisor, runtime } = supervise({ command: ['/no/such/program'] })
    await inState(supervisor, 'failed')
    expect(supervisor.report()).toMatchObject({ exitCode: 127, lastWords: expect.stringContaining('ENOENT') })
    expect(runtime.lines).toContainEqual(expect.objectContaining({ level: 'error' }))
  })
})

describe('stop', () => {
  test('lets the workload end by itself and takes its children with it', async () => {
    const { supervisor, cwd } = supervise({ command: family })
    const pids = await readFamily(cwd)
    // A quick shell may have written its pids before we are told that it was spawned.
    await inState(supervisor, 'running')
    expect(supervisor.report().pid).toBe(pids[0])
    await supervisor.stop()
    await until('none of them lives', () => !pids.some(isAlive))
    expect(supervisor.report()).toEqual({ state: 'stopped', restarts: 0, exitCode: 143 })
  })

  test('kills one that does not listen, after its time', async () => {
    const deaf = [
      'sh',
      '-c',
      'trap "" TERM; sleep 600 & echo "$$ $!" > pids.tmp; mv pids.tmp pids; wait; wait; sleep 600',
    ]
    const { supervisor, cwd, runtime } = supervise({ command: deaf, stopTimeoutMs: 100 })
    const pids = await readFamily(cwd)
    await supervisor.stop()
    await until('none of them lives', () => !pids.some(isAlive))
    expect(supervisor.report()).toMatchObject({ state: 'stopped', exitCode: 137 })
    expect(runtime.lines.some((line) => line.message.includes('killed'))).toBe(true)
  })

  test('a second stop joins the first', async () => {
    const { supervisor } = supervise({ command: ['sleep', '600'] })
    await inState(supervisor, 'running')
    await Promise.all([supervisor.stop(), supervisor.stop()])
    expect(supervisor.report().state).toBe('stopped')
  })

  test('of a failed workload leaves it failed', async () => {
    const { supervisor } = supervise({ command: ['false'] })
    await inState(supervisor, 'failed')
    await supervisor.stop()
    expect(supervisor.report().state).toBe('failed')
  })
})

test('children that a workload leaves behind end with it', async () => {
  const leaving = ['sh', '-c', 'sleep 600 & echo "$$ $!" > pids.tmp; mv pids.tmp pids; exit 0']
  const { supervisor, cwd } = supervise({ command: leaving })
  const pids = await readFamily(cwd)
  await inState(supervisor, 'stopped')
  await until('none of them lives', () => !pids.some(isAlive))
  expect(supervisor.report()).toMatchObject({ state: 'stopped', exitCode: 0 })
})

test('the workload gets its own environment and never the token', async () => {
  const command = ['sh', '-c', 'echo "$A $B ${MUSTER_TOKEN-none}" > env.tmp; mv env.tmp env']
  const { supervisor, cwd } = supervise({ command, env: { B: 'own' } }, { A: 'host', MUSTER_TOKEN: 'secret' })
  await inState(supervisor, 'stopped')
  expect(readFileSync(join(cwd, 'env'), 'utf8')).toBe('host own none\n')
})

test('Windows trees are ended by taskkill, by absolute path', () => {
  const env = { SystemRoot: String.raw`D:\Win` }
  expect(taskkill(12, 'graceful', env)).toEqual([
    String.raw`D:\Win\System32\taskkill.exe`,
    ['/PID', '12', '/T'],
  ])
  expect(taskkill(12, 'force', {})).toEqual([
    String.raw`C:\Windows\System32\taskkill.exe`,
    ['/PID', '12', '/T', '/F'],
  ])
})
