import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { restartPort } from './restart-port.ts'

// Of their own: whoever else runs these tests at the moment has others.
const from = 1_024 + (process.pid % 15_000)
const three = { from, to: from + 2 }

test('nobody is given a port twice, though nobody listens on it', async () => {
  const given = [await restartPort(three), await restartPort(three), await restartPort(three)]
  expect(new Set(given).size).toBe(3)
  await expect(restartPort(three)).rejects.toThrow('no free port')
})

test('a port is free again when the process that was given it has ended', async () => {
  const one = { from: from + 3, to: from + 3 }
  const script = `import { restartPort } from ${JSON.stringify(new URL('restart-port.ts', import.meta.url).href)}
    console.log(await restartPort(${JSON.stringify(one)}))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  expect(Number(stdout)).toBe(one.from)
  expect(await restartPort(one)).toBe(one.from)
})
