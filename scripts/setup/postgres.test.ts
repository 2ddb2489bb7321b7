import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'

import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'

import { until } from '../testing.ts'
import { startPostgres } from './postgres.mjs'

async function ask(url: string, query: string): Promise<unknown> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return Object.values((await client.query<Record<string, unknown>>(query)).rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

test('databases started together are apart from each other, and gone after stop', async () => {
  const clusters = await Promise.all([1, 2].map(() => startPostgres()))
  onTestFinished(() => Promise.all(clusters.map((cluster) => cluster.stop())).then(() => undefined))
  const [first, second] = clusters.map(({ url }) => url)
  expect(first).not.toBe(second)
  await ask(first ?? '', 'create table mine (id int)')
  const query = "select count(*)::int from information_schema.tables where table_name = 'mine'"
  expect(await ask(first ?? '', query)).toBe(1)
  expect(await ask(second ?? '', query)).toBe(0)
  await clusters[0]?.stop()
  await expect(ask(first ?? '', 'select 1')).rejects.toThrow('ECONNREFUSED')
  expect(await ask(second ?? '', 'select 1')).toBe(1)
})

test('a database does not outlive a keeper that was killed', async () => {
  const module = new URL('./postgres.mjs', import.meta.url).href
  const code = `const { startPostgres } = await import(${JSON.stringify(module)})
    const { url } = await startPostgres()
    process.stdout.write(url, () => process.kill(process.pid, 'SIGKILL'))`
  const keeper = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let url = ''
  keeper.stdout.on('data', (chunk: Buffer) => (url += chunk.toString()))
  await once(keeper, 'close')
  expect(url).toMatch(/^postgres:\/\/postgres@127\.0\.0\.1:\d+\/postgres$/)
  let refused = false
  await until('the database is gone', () => {
    void ask(url, 'select 1').catch(() => (refused = true))
    return refused
  })
})
