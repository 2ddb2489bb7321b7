import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'

import { Client } from '@temporalio/client'
import { defineSearchAttributeKey } from '@temporalio/common'
import { expect, onTestFinished, test } from 'vitest'

import { findTemporalCli } from '../setup/temporal.mjs'
import { isAlive, scratchFolder, until } from '../testing.ts'
import { connectOnce } from './connect.ts'
import { startTemporalDevServer } from './dev-server.ts'
import type { DevServer, DevServerOptions } from './dev-server.ts'

const cli = await findTemporalCli()
const fleetKey = defineSearchAttributeKey('MusterFleet', 'KEYWORD')

async function start(options: Omit<DevServerOptions, 'cli'>): Promise<DevServer> {
  const server = await startTemporalDevServer({ cli, ...options })
  onTestFinished(() => server.kill())
  return server
}

async function clientOf(server: DevServer, namespace = 'default'): Promise<Client> {
  const connection = await connectOnce(server.address, 5_000)
  onTestFinished(() => connection.close())
  return new Client({ connection, namespace })
}

function startWorkflow(client: Client, workflowId: string) {
  return client.workflow.start('nobodyRunsThis', {
    workflowId,
    taskQueue: 'none',
    typedSearchAttributes: [{ key: fleetKey, value: 'render' }],
  })
}

/** A program that stands in for a server that does not come up. */
function program(body: string): string {
  const path = join(scratchFolder(), 'program')
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
  return path
}

test('a started dev server has its namespace, search attributes and UI, and is gone after stop', async () => {
  const server = await start({ namespace: 'extra', searchAttributes: { MusterFleet: 'Keyword' } })
  const client = await clientOf(server, 'extra')
  const handle = await startWorkflow(client, 'host/render/00001')
  const { typedSearchAttributes } = await handle.describe()
  expect(typedSearchAttributes.get(fleetKey)).toBe('render')
  expect((await fetch(server.uiUrl)).status).toBe(200)
  await Promise.all([server.stop(), server.stop()])
  expect(isAlive(server.pid)).toBe(false)
  await expect(fetch(server.uiUrl)).rejects.toThrow('fetch failed')
})

test('what a killed dev server knew is there again when it is started on the same file', async () => {
  const options = {
    dbFile: join(scratchFolder(), 'temporal.db'),
    searchAttributes: { MusterFleet: 'Keyword' },
    headless: true,
  }
  const first = await start(options)
  await startWorkflow(await clientOf(first), 'host/render/00002')
  await first.kill()
  expect(isAlive(first.pid)).toBe(false)
  const second = await start({ ...options, port: Number(first.address.split(':')[1]) })
  expect(second.address).toBe(first.address)
  expect(second.uiUrl).toBe('')
  const found = await (await clientOf(second)).workflow.getHandle('host/render/00002').describe()
  expect(found.status.name).toBe('RUNNING')
})

test('servers started together get ports of their own', async () => {
  const servers = await Promise.all([1, 2].map(() => start({ searchAttributes: {}, headless: true })))
  expect(new Set(servers.map(({ address }) => address)).size).toBe(2)
})

test('a wished port that is taken is an error that repeats the words of the server', async () => {
  const squatter = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void squatter.close())
  await once(squatter, 'listening')
  const { port } = squatter.address() as AddressInfo
  await expect(start({ port, searchAttributes: {} })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(
      /ended before it was ready: exit code 1[\s\S]*address already in use/,
    ) as string,
  })
})

test('a server that never answers is ended at the deadline, and its last words are in the error', async () => {
  const pidFile = join(scratchFolder(), 'pid')
  const silent = program(`echo $$ > ${pidFile}; echo still thinking; exec sleep 60`)
  const error = await startTemporalDevServer({
    cli: silent,
    searchAttributes: {},
    readyTimeoutMs: 400,
  }).catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'timed_out',
    message: expect.stringContaining('still thinking') as string,
  })
  expect(isAlive(Number(readFileSync(pidFile, 'utf8')))).toBe(false)
})

test('a program that is not there is named', async () => {
  const cliPath = join(scratchFolder(), 'nowhere')
  await expect(startTemporalDevServer({ cli: cliPath, searchAttributes: {} })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining(cliPath) as string,
  })
})

test.for(['process.kill(process.pid, "SIGKILL")', 'throw new Error("boom")', 'process.exit(3)'])(
  'a dev server does not outlive a parent that ends by %s',
  async (end) => {
    const module = new URL('./dev-server.ts', import.meta.url).href
    const code = `const { startTemporalDevServer } = await import(${JSON.stringify(module)})
      const server = await startTemporalDevServer({ cli: ${JSON.stringify(cli)}, searchAttributes: {}, headless: true })
      process.stdout.write(String(server.pid), () => { ${end} })`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let pid = ''
    parent.stdout.on('data', (chunk: Buffer) => (pid += chunk.toString()))
    await once(parent, 'close')
    expect(Number(pid)).toBeGreaterThan(1)
    await until('the dev server is gone', () => !isAlive(Number(pid)))
  },
)
