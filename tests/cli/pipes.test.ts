import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import { createPlace, runMuster, startMuster } from './muster.ts'

const HOSTS = 2_000

/** An API that knows many hosts, and nothing else. */
async function manyHosts(): Promise<{ env: Record<string, string>; looks: () => number }> {
  let looks = 0
  const hosts = Array.from({ length: HOSTS }, (_, at) => ({
    host: `render/${String(at + 1).padStart(5, '0')}`,
    phase: 'ready',
    attempt: 1,
    reason: 'started after 0:42',
    updatedAt: '2026-01-01T00:00:00Z',
    zone: 'cn-hangzhou-g',
  }))
  const server = createServer((_request, response) => {
    looks += 1
    // What is shown changes with each look.
    const shown = hosts.map((one) => ({ ...one, reason: `look ${looks}` }))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ hosts: shown }))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { env: { MUSTER_API_URL: url, MUSTER_API_TOKEN: 'any' }, looks: () => looks }
}

test('who reads through a pipe gets all of it, however slow it is: JSON and table', async () => {
  const { env } = await manyHosts()
  const place = await createPlace()
  const { code, stdout } = await runMuster(place, ['hosts', '--json'], { env })
  expect(code).toBe(0)
  expect(stdout.length).toBeGreaterThan(200_000)
  expect((JSON.parse(stdout) as { hosts: unknown[] }).hosts).toHaveLength(HOSTS)
  const table = await runMuster(place, ['hosts'], { env })
  expect(table.stdout.split('\n').filter((line) => line.startsWith('render/'))).toHaveLength(HOSTS)
})

test('a watch whose reader has gone ends by itself', async () => {
  const { env, looks } = await manyHosts()
  const place = await createPlace()
  const main = join(import.meta.dirname, '../../cli/main.ts')
  const child = spawn('/bin/sh', ['-c', `"${process.execPath}" "${main}" hosts watch --json | head -n 1`], {
    cwd: place.folder,
    env: { ...process.env, ...place.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let seen = ''
  let complaints = ''
  child.stdout.on('data', (part) => void (seen += String(part)))
  child.stderr.on('data', (part) => void (complaints += String(part)))
  await once(child, 'close')
  expect(complaints).toBe('')
  expect(looks(), 'it has noticed with its second word').toBeGreaterThan(1)
  expect((JSON.parse(seen) as { hosts: unknown[] }).hosts).toHaveLength(HOSTS)
})

test.each(['worker', 'api'])(
  '%s that waits for Temporal ends at once, and in order, when it is told to',
  async (what) => {
    let tries = 0
    const silent = createTcpServer(() => void (tries += 1))
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const place = await createPlace()
    const config = {
      controller: 'farm',
      temporal: { address: `127.0.0.1:${(silent.address() as AddressInfo).port}` },
      cloud: { kind: 'emulator', endpoint: '127.0.0.1:9' },
      store: { sqlite: 'farm.db' },
      api: {
        listen: '127.0.0.1:0',
        publicUrl: 'http://127.0.0.1:9',
        keys: [{ id: 'k1', secretEnv: 'FARM_KEY' }],
      },
      fleets: {},
    }
    writeFileSync(join(place.folder, 'farm.yaml'), JSON.stringify(config))
    const env = { FARM_KEY: 'a made up key of thirty-two letters' }
    const waiting = startMuster(place, [what, '--config', 'farm.yaml'], { env })
    await waitFor('it to ask for Temporal', () => tries > 0)
    expect(await waiting.end('SIGTERM')).toMatchObject({ code: 0 })
  },
)
