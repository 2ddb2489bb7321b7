import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { askPhysicalCores } from './cpu.ts'
import { fakeRuntime } from './testing/fake-runtime.ts'
import { isAlive } from './testing/run-bundle.ts'
import { until } from './testing/test-api.ts'
import { tempFolder } from '../emulator/testing/temp-folder.ts'

const main = join(import.meta.dirname, 'main.ts')

function script(text: string): string[] {
  const file = join(tempFolder('agent-cpu'), 'helper.cjs')
  writeFileSync(file, text)
  return [process.execPath, file]
}

test('counts the physical cores of this machine', async () => {
  const found = await askPhysicalCores([process.execPath, main], fakeRuntime().log).found
  expect(found?.physical).toBeGreaterThanOrEqual(1)
})

test('a helper that hangs is killed after its time, with its children, and the count stays unknown', async () => {
  const runtime = fakeRuntime()
  const pids = join(tempFolder('agent-cpu'), 'pids')
  const hanging = script(`
    const child = require('child_process').spawn('sleep', ['600'], { stdio: 'inherit' })
    require('fs').writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + child.pid)
    setInterval(() => {}, 1000)`)
  const found = await askPhysicalCores(hanging, runtime.log, 700).found
  expect(found).toBeUndefined()
  const { readFileSync } = await import('node:fs')
  const [helper = 0, child = 0] = readFileSync(pids, 'utf8').split(' ').map(Number)
  await until('helper and child are gone', () => !isAlive(helper) && !isAlive(child))
  expect(runtime.lines.map((line) => line.message)).toContain('the CPU helper is killed')
})

test.each([
  ['fails', 'process.exit(3)'],
  ['speaks nonsense', 'console.log("no JSON")'],
  ['finds nothing', 'console.log(JSON.stringify({ physical: 0 }))'],
])('a helper that %s leaves the count unknown, with a line in the log', async (_what, text) => {
  const runtime = fakeRuntime()
  expect(await askPhysicalCores(script(text), runtime.log).found).toBeUndefined()
  expect(runtime.lines).toContainEqual(expect.objectContaining({ level: 'warn' }))
})

test('a helper that cannot be started leaves the count unknown', async () => {
  expect(await askPhysicalCores(['/no/such/program'], fakeRuntime().log).found).toBeUndefined()
})
