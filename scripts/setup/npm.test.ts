import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { scratchFolder, setEnvironment } from '../testing.ts'

interface NpmModule {
  ensurePackages: (folder: string) => Promise<void>
}
const { ensurePackages } = (await import(new URL('./npm.mjs', import.meta.url).href)) as NpmModule

/** A package whose one dependency is a folder next to it: npm installs it without a network. */
function project(): string {
  const folder = scratchFolder()
  mkdirSync(join(folder, 'dep'))
  write(join(folder, 'dep', 'package.json'), { name: 'dep', version: '1.0.0' })
  write(join(folder, 'package.json'), { name: 'app', version: '1.0.0', dependencies: { dep: 'file:dep' } })
  write(join(folder, 'package-lock.json'), lock('file:dep'))
  return folder
}

function lock(specifier: string) {
  return {
    name: 'app',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'app', version: '1.0.0', dependencies: { dep: specifier } },
      dep: { version: '1.0.0' },
      'node_modules/dep': { resolved: 'dep', link: true },
    },
  }
}

function write(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value, undefined, 2))
}

const installed = (folder: string) => existsSync(join(folder, 'node_modules', 'dep', 'package.json'))

/** No npm can be found: whatever is done now is done without it. */
function hideNpm(): void {
  setEnvironment({ PATH: '/nowhere', npm_execpath: undefined })
}

test('missing packages are installed from the lockfile, once, also when two ask at the same time', async () => {
  const folder = project()
  await Promise.all([ensurePackages(folder), ensurePackages(folder)])
  expect(installed(folder)).toBe(true)
  hideNpm()
  await ensurePackages(folder)
})

test('packages that a person installed by npm are taken as they are', async () => {
  const folder = project()
  await ensurePackages(folder)
  rmSync(join(folder, 'node_modules', '.muster-lock-sha256'))
  hideNpm()
  await ensurePackages(folder)
  expect(existsSync(join(folder, 'node_modules', '.muster-lock-sha256'))).toBe(true)
})

test('a changed lockfile makes packages be installed again', async () => {
  const folder = project()
  await ensurePackages(folder)
  const path = join(folder, 'package-lock.json')
  const changed = JSON.parse(readFileSync(path, 'utf8')) as ReturnType<typeof lock>
  write(path, { ...changed, packages: { ...changed.packages, dep: { version: '1.0.1' } } })
  hideNpm()
  await expect(ensurePackages(folder)).rejects.toThrow(/npm ci in .* failed \(exit 127\)/)
})

test('a lockfile that disagrees with package.json is an error with the words of npm', async () => {
  const folder = project()
  write(join(folder, 'package-lock.json'), { ...lock('file:dep'), packages: { '': { name: 'app' } } })
  await expect(ensurePackages(folder)).rejects.toThrow(/npm ci in .* failed[\s\S]*dep/)
  expect(installed(folder)).toBe(false)
})
