import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterAll, expect, test, vi } from 'vitest'
import { openDatabase, readAsItIs } from './database.ts'
import { openStore, readKeysInUse } from './index.ts'
import { onEachDatabase, SERVER } from './testing/on-each-database.ts'
import { sampleRecord } from './testing/samples.ts'
import { specForTests } from '../domain/testing/specs.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'muster-open-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function inProcesses(count: number, records: number, options: object): Promise<string[]> {
  const writer = fileURLToPath(new URL('./testing/writer.ts', import.meta.url))
  const outputs = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      run(process.execPath, [writer, JSON.stringify(options), `fleet-${i}`, String(records)], {
        timeout: 60_000,
      }),
    ),
  )
  return outputs.flatMap(({ stdout }) => JSON.parse(stdout) as string[])
}

test(
  'four processes that open one new file at once and write to it all succeed',
  { timeout: 90_000 },
  async () => {
    const options = { file: join(folder, 'made', 'at-once.db') }
    expect(await inProcesses(4, 150, options)).toEqual([])
    const store = await openStore(options)
    const booting = await store.hosts.counts()
    expect(Object.values(booting)).toEqual(Array.from({ length: 4 }, () => ({ booting: 150 })))
    expect(
      await store.commands.pending({ host: 'shared/00001', generation: 'aaaaaaaaaa', attempt: 1 }),
    ).toHaveLength(1)
    await store.close()
  },
)

onEachDatabase('an open store', (current) => {
  test('is migrated once, and can be opened again beside itself', async () => {
    await current().store.hosts.record(sampleRecord(), 1)
    const again = await openStore(current().options)
    expect(await again.hosts.list({})).toHaveLength(1)
    expect(await again.healthy()).toBe(true)
    await again.close()
    await again.close()
    expect(await again.healthy()).toBe(false)
    await expect(again.hosts.list({})).rejects.toMatchObject({ code: 'unavailable', retryable: true })
    expect(await current().store.healthy()).toBe(true)
  })

  test('tells its keys in use without being opened, none where an earlier Muster wrote it', async () => {
    const { store, options } = current()
    await store.hosts.record(sampleRecord({ keyId: 'k1' }), 1)
    expect(await readKeysInUse(options)).toEqual([{ keyId: 'k1', hosts: 1 }])
    const { schema } = current().database.db
    await schema.alterTable('hosts').dropColumn('key_id').execute()
    try {
      expect(await readKeysInUse(options)).toEqual([])
    } finally {
      await schema.alterTable('hosts').addColumn('key_id', 'text').execute()
    }
  })

  test('two processes write without a failure', { timeout: 90_000 }, async () => {
    expect(await inProcesses(2, 40, current().options)).toEqual([])
    expect(await current().store.hosts.list({ limit: 1_000 })).toHaveLength(80)
  })

  test('of a newer Muster is refused by name', async () => {
    const { db } = current().database
    const row = { name: '9999-later', timestamp: '2030-01-01T00:00:00.000Z' }
    await db
      .insertInto('kysely_migration' as never)
      .values(row as never)
      .execute()
    try {
      await expect(openStore(current().options)).rejects.toMatchObject({
        code: 'bad_config',
        message: expect.stringMatching(/written by a newer Muster: it has migration 9999-later/),
      })
    } finally {
      await db
        .deleteFrom('kysely_migration' as never)
        .where('name' as never, '=', row.name as never)
        .execute()
    }
  })

  test('a failed transaction leaves nothing, and the next one works', async () => {
    const { write, db } = current().database
    const failing = write(async (trx) => {
      await trx.insertInto('specs').values({ hash: 'x', spec: '{}', created_at: 1 }).execute()
      throw new Error('stop here')
    })
    await expect(failing).rejects.toThrow('stop here')
    expect(await db.selectFrom('specs').selectAll().execute()).toEqual([])
    await expect(current().store.specs.put(specForTests(), 1)).resolves.toMatch(/^[0-9a-f]{12}$/)
  })

  test('queries beside an open transaction wait or see the state before it', async () => {
    const { write } = current().database
    const { store } = current()
    let inside: Promise<unknown> = Promise.resolve()
    await write(async (trx) => {
      await trx.insertInto('specs').values({ hash: 'y', spec: '{}', created_at: 1 }).execute()
      inside = store.specs.get('y')
    })
    expect([undefined, {}]).toContainEqual(await inside)
    expect(await store.specs.get('y')).toEqual({})
  })
})

test('several migrations of an empty SQLite file at once end with one schema', async () => {
  const options = { file: join(folder, 'race.db') }
  const databases = await Promise.all(Array.from({ length: 6 }, () => openDatabase(options)))
  const done = await databases[0]?.db
    .selectFrom('kysely_migration' as never)
    .selectAll()
    .execute()
  const names = (done as { name: string }[] | undefined)?.map(({ name }) => name) ?? []
  expect(names).toContain('0001-first-tables')
  expect(new Set(names).size, 'each once').toBe(names.length)
  await Promise.all(databases.map(({ close }) => close()))
})

test('a look at the keys in use makes neither a file nor tables', async () => {
  const file = join(folder, 'looked-at.db')
  expect(await readKeysInUse({ file })).toBeUndefined()
  expect(existsSync(file)).toBe(false)
  writeFileSync(file, '')
  expect(await readKeysInUse({ file })).toEqual([])
  expect(await readAsItIs({ file }, (db) => db.introspection.getTables())).toEqual([])
})

test('the folder of a new SQLite file is for its owner alone', async () => {
  const store = await openStore({ file: join(folder, 'deep', 'er', 'store.db') })
  expect(statSync(join(folder, 'deep', 'er')).mode & 0o777).toBe(0o700)
  await store.close()
})

test.skipIf(process.platform === 'win32')(
  'nobody else may read the files of a store, whatever folder they are in',
  async () => {
    const open = mkdtempSync(join(folder, 'open-'))
    chmodSync(open, 0o755)
    const store = await openStore({ file: join(open, 'muster.db') })
    await store.hosts.record(sampleRecord(), 1)
    const modes = readdirSync(open).map((name) => [name, statSync(join(open, name)).mode & 0o777])
    expect(modes).toEqual([
      ['muster.db', 0o600],
      ['muster.db-shm', 0o600],
      ['muster.db-wal', 0o600],
    ])
    await store.close()
  },
)

test('a store in memory works', async () => {
  const store = await openStore({ file: ':memory:' })
  await store.hosts.record(sampleRecord(), 1)
  expect(await store.hosts.list({})).toHaveLength(1)
  await store.close()
})

test('a file that is no database is named with what to do', async () => {
  const file = join(folder, 'notes.txt')
  writeFileSync(file, 'these are not the rows you are looking for\n'.repeat(50))
  await expect(openStore({ file })).rejects.toMatchObject({
    code: 'unavailable',
    message: `cannot open the store (SQLite file ${file}): file is not a database; check that it is there and may be written`,
  })
  await expect(openStore({ file: join(file, 'store.db') })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('cannot open the store (SQLite file'),
  })
})

test.each([{}, { file: 'a', url: 'postgres://127.0.0.1/a' }])(
  'either a file or a URL is wanted: %j',
  async (options) => {
    await expect(openStore(options)).rejects.toMatchObject({ code: 'bad_config' })
  },
)

test.each(['nonsense', 'mysql://root:hunter2@127.0.0.1/muster', ''])(
  'the URL "%s" is refused',
  async (url) => {
    await expect(openStore({ url })).rejects.toMatchObject({
      code: 'bad_config',
      message: expect.not.stringContaining('hunter2'),
    })
  },
)

test.skipIf(!SERVER)(
  'a query is given up when the network drops every packet, and the next one works',
  async () => {
    const network = await droppingNetwork(new URL(SERVER ?? ''))
    const store = await openStore({ url: network.url, silenceMs: 500 })
    network.drop(true)
    await expect(store.hosts.list({})).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('the server has said nothing for 0.5 s'),
    })
    network.drop(false)
    expect(await store.hosts.regions()).toBeInstanceOf(Array)
    network.drop(true)
    const asked = store.healthy()
    await store.close()
    expect(await asked).toBe(false)
    await network.close()
  },
)

test.skipIf(!SERVER)(
  'a server that restarts in the middle of a query fails that query and nothing else',
  async () => {
    const { db, close } = await openDatabase({ url: SERVER ?? '' })
    const backends = sql<{ pid: number }>`
    select pid from pg_stat_activity where query like '%pg_sleep(60)' and application_name = 'muster'`
    const slow = sql`select pg_sleep(60)`.execute(db).catch((error: unknown) => String(error))
    const pid = await vi.waitFor(
      async () => (await backends.execute(db)).rows[0]?.pid ?? Promise.reject(new Error('not asked yet')),
    )
    await sql`select pg_terminate_backend(${pid})`.execute(db)
    expect(await slow).toMatch(/terminat/)
    // The one after it may still meet the broken connection.
    const one = () => sql`select 1 as one`.execute(db)
    expect((await vi.waitFor(one)).rows).toEqual([{ one: 1 }])
    await close()
  },
)

/** A way to the server on which packets can be lost: connections stay, nothing arrives. */
async function droppingNetwork(server: URL) {
  let drops = false
  const sockets = new Set<Socket>()
  const relay = createServer((near) => {
    const far = connect(Number(server.port), server.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => void (drops || to.write(bytes)))
      from.on('error', () => {})
      from.on('close', () => to.destroy())
    }
  }).listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const url = new URL(server)
  url.port = String((relay.address() as AddressInfo).port)
  return {
    url: url.href,
    drop: (now: boolean) => void (drops = now),
    async close() {
      for (const socket of sockets) socket.destroy()
      relay.close()
      await once(relay, 'close')
    },
  }
}

test('a PostgreSQL server that is not there is named without its password', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  await expect(
    openStore({ url: `postgres://muster:hunter2@127.0.0.1:${port}/muster` }),
  ).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(
      new RegExp(
        `^cannot open the store \\(PostgreSQL database muster at 127.0.0.1:${port}\\): .*ECONNREFUSED`,
      ),
    ),
  })
})
