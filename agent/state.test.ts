import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { bootIdByUptime, readBootId } from './boot-id.ts'
import { createDrainMarker } from './drain-marker.ts'
import { fetchFiles } from './files.ts'
import { createHttpClient } from './http.ts'
import { readOptions } from './options.ts'
import { createApi } from './post.ts'
import { fakeRuntime } from './testing/fake-runtime.ts'
import { startTestServer } from './testing/test-api.ts'
import type { Reply, Seen } from './testing/test-api.ts'
import { tempFolder } from '../emulator/testing/temp-folder.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})
const folder = (): string => tempFolder('agent-state')

describe('the boot id', () => {
  test.runIf(process.platform === 'linux')('is the one of the kernel on Linux', async () => {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    expect(await readBootId(folder(), Date.now())).toBe(id)
  })

  test('elsewhere stays the same within a boot and is new after one', async () => {
    const stateDir = folder()
    const bootedAtMs = Date.parse('2026-01-01T00:00:00Z')
    const first = await bootIdByUptime(stateDir, bootedAtMs)
    expect(await bootIdByUptime(stateDir, bootedAtMs + 900)).toBe(first)
    expect(await bootIdByUptime(stateDir, bootedAtMs + 3_600_000)).not.toBe(first)
  })

  test('is made anew when what was kept is broken', async () => {
    const stateDir = folder()
    writeFileSync(join(stateDir, 'boot.json'), 'half a li')
    expect(await bootIdByUptime(stateDir, 0)).toMatch(/^[0-9a-f-]{36}$/)
  })
})

describe('the drain marker', () => {
  test('outlives a run of the agent, for the same attempt only', () => {
    const stateDir = join(folder(), 'not', 'there', 'yet')
    const { log } = fakeRuntime()
    createDrainMarker(stateDir, 'render/00001 abc 1', log).set()
    expect(createDrainMarker(stateDir, 'render/00001 abc 1', log).isSet()).toBe(true)
    expect(createDrainMarker(stateDir, 'render/00001 abc 2', log).isSet()).toBe(false)
  })

  test('that cannot be written is logged, not fatal', () => {
    const file = join(folder(), 'file')
    writeFileSync(file, '')
    const runtime = fakeRuntime()
    createDrainMarker(file, 'a', runtime.log).set()
    expect(runtime.lines[0]).toMatchObject({ level: 'warn' })
  })
})

describe('workload files', () => {
  async function fetchFrom(reply: (seen: Seen) => Reply, names: string[]) {
    const server = await startTestServer(reply)
    const http = createHttpClient()
    closing.push(
      () => server.close(),
      () => http.close(),
    )
    const api = createApi({
      apiUrl: server.url,
      token: 'tok',
      http,
      runtime: fakeRuntime(),
      runId: 'run',
    })
    const into = join(folder(), 'files')
    await fetchFiles(names, into, api)
    return { into, server }
  }

  test('are fetched whole, runnable, with the token', async () => {
    const { into, server } = await fetchFrom(
      (seen) => ({ status: 200, body: `#!${seen.path}` }),
      ['run.sh', 'b.json'],
    )
    expect(readFileSync(join(into, 'run.sh'), 'utf8')).toBe('#!/v1/agent/files/run.sh')
    expect(statSync(join(into, 'run.sh')).mode & 0o111).toBe(0o111)
    expect(server.seen[0]?.headers.authorization).toBe('Bearer tok')
  })

  test('are asked for again when the API is away', async () => {
    let downs = 3
    const { into } = await fetchFrom(() => ({ status: downs-- > 0 ? 503 : 200, body: 'here' }), ['a'])
    expect(readFileSync(join(into, 'a'), 'utf8')).toBe('here')
  })

  test('that the API refuses are named', async () => {
    await expect(fetchFrom(() => ({ status: 404 }), ['model.bin'])).rejects.toThrow(/"model.bin".*404/)
  })

  test.each(['../up', '/abs', 'a/b', String.raw`a\b`, '.hidden', '..', '', 'x'.repeat(200)])(
    'cannot leave their folder: "%s"',
    async (name) => {
      await expect(fetchFrom(() => ({ status: 200 }), [name])).rejects.toMatchObject({ code: 'bad_request' })
    },
  )
})

describe('options', () => {
  test('need nothing on a launched host', () => {
    expect(readOptions({}, 'linux')).toEqual({
      metadataUrl: 'http://100.100.100.200',
      stateDir: '/var/lib/muster-agent',
    })
    expect(readOptions({ ProgramData: 'D:\\Data' }, 'win32').stateDir).toMatch(/^D:\\Data.Muster.agent$/)
  })

  test('come from the environment; empty means unset', () => {
    const env = {
      MUSTER_METADATA_URL: 'http://127.0.0.1:80/',
      MUSTER_API_URL: 'http://a',
      MUSTER_TOKEN: '',
      MUSTER_LOCAL_ADDRESS: '127.1.2.3',
      MUSTER_BOOT_ID: 'b',
      MUSTER_STATE_DIR: '/s',
    }
    expect(readOptions(env, 'linux')).toEqual({
      metadataUrl: 'http://127.0.0.1:80',
      apiUrl: 'http://a',
      localAddress: '127.1.2.3',
      bootId: 'b',
      stateDir: '/s',
    })
  })
})
