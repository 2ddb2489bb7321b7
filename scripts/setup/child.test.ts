import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'

import { expect, onTestFinished, test } from 'vitest'

import { isAlive, until } from '../testing.ts'

const module = new URL('./child.mjs', import.meta.url).href

/** Starts a process that runs `program` in its foreground as scripts/run.mjs does, and collects what they print. */
function foreground(program: string) {
  const code = `const { runForeground } = await import(${JSON.stringify(module)})
    process.exitCode = await runForeground(process.execPath, ['-e', ${JSON.stringify(program)}], { env: process.env })`
  const runner = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void runner.kill('SIGKILL'))
  let output = ''
  runner.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = once(runner, 'close').then(([exitCode]) => exitCode as number | null)
  return { runner, ended, output: () => output }
}

const countingProgram = `
  let count = 0
  process.on('SIGINT', () => { count += 1; setTimeout(() => { console.log('signals', count); process.exit(7) }, 200) })
  setInterval(() => {}, 1000)
  console.log('ready')`

/** Prints its own id and that of a child of its own, and ignores what asks it to end. */
const stubbornProgram = `
  const helper = require('node:child_process').spawn('sleep', ['60'])
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => console.log('ignored'))
  setInterval(() => {}, 1000)
  console.log('ids', process.pid, helper.pid)`

async function idsOf(output: () => string): Promise<number[]> {
  await until('the program runs', () => /ids \d+ \d+\n/.test(output()))
  return (/ids (\d+) (\d+)/.exec(output())?.slice(1) ?? []).map(Number)
}

test('the exit code of the program is handed on', async () => {
  expect(await foreground('process.exit(3)').ended).toBe(3)
  expect(await foreground('process.kill(process.pid, "SIGTERM")').ended).toBe(143)
})

test('one Ctrl-C that arrives twice reaches the program once, and its answer is handed on', async () => {
  const { runner, ended, output } = foreground(countingProgram)
  await until('the program runs', () => output().includes('ready'))
  runner.kill('SIGINT')
  runner.kill('SIGINT')
  expect(await ended).toBe(7)
  expect(output()).toContain('signals 1\n')
})

test('what the program leaves behind ends with it', async () => {
  const { ended, output } = foreground(`${stubbornProgram}\nsetTimeout(() => process.exit(0), 50)`)
  const [, helper = 0] = await idsOf(output)
  expect(await ended).toBe(0)
  await until('its child is gone', () => !isAlive(helper))
})

test('a program does not outlive a runner that was killed', async () => {
  const { runner, output } = foreground(
    `console.log('ids', process.pid, process.pid); setInterval(() => {}, 1000)`,
  )
  const [pid = 0] = await idsOf(output)
  expect(isAlive(pid)).toBe(true)
  runner.kill('SIGKILL')
  await until('the program is gone', () => !isAlive(pid))
})

test('who asks a third time ends a program that does not listen', async () => {
  const { runner, ended, output } = foreground(stubbornProgram)
  const ids = await idsOf(output)
  for (let asked = 1; asked <= 2; asked += 1) {
    runner.kill('SIGINT')
    await until(`press ${asked} arrives`, () => output().split('ignored').length > asked)
    const arrived = performance.now()
    await until('the next press is another one', () => performance.now() - arrived > 600)
  }
  runner.kill('SIGINT')
  await until('both are gone', () => ids.every((pid) => !isAlive(pid)))
  expect(await ended).toBe(137)
})
