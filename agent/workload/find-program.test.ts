import { expect, test } from 'vitest'
import { findProgram } from './find-program.ts'

const FILES = new Set([
  String.raw`C:\Windows\System32\ping.exe`,
  String.raw`C:\Tools\ping.exe`,
  String.raw`C:\Program Files\App\run.com`,
  String.raw`\\files\share\shared.exe`,
  String.raw`C:\Tools\script.cmd`,
  'ping.exe',
  String.raw`tools\here.exe`,
])
const PATH = String.raw`;.;tools;C:\Windows\System32; "C:\Program Files\App" ;C:\Tools;\\files\share`
const find = (name: string, env: Record<string, string> = { Path: PATH }) =>
  findProgram(name, env, (path) => FILES.has(path))

test.each([
  ['ping', String.raw`C:\Windows\System32\ping.exe`],
  ['ping.exe', String.raw`C:\Windows\System32\ping.exe`],
  ['run', String.raw`C:\Program Files\App\run.com`],
  ['shared', String.raw`\\files\share\shared.exe`],
])('the bare name %s is found in the folders of PATH, in their order', (name, path) => {
  expect(find(name)).toBe(path)
})

test.each(['here', 'nothing', 'script', ''])('%j is found in no absolute folder of PATH', (name) => {
  expect(find(name)).toBeUndefined()
})

test.each([String.raw`bin\run`, './run', String.raw`C:\other\run.exe`, 'C:run'])(
  '%s says where it is, and is left as it is',
  (name) => {
    expect(find(name)).toBe(name)
  },
)

test('without a PATH nothing is found, whatever lies in the working directory', () => {
  expect(find('ping', {})).toBeUndefined()
})
