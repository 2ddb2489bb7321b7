import { expect, test } from 'vitest'
import type { HostId } from '../../domain/ids.ts'
import { memoryStore, recordHost } from '../testing.ts'
import { createHostSummaryReader } from './host-summary-reader.ts'

const HOSTS = ['render/00001', 'render/00002', 'render/00003']

async function stage() {
  const store = await memoryStore()
  for (const host of HOSTS) await recordHost(store, { host })
  const queries: HostId[][] = []
  const summaries = (hosts: readonly HostId[]) => {
    queries.push([...hosts])
    return store.hosts.summaries(hosts)
  }
  return { store, queries, read: createHostSummaryReader({ hosts: { ...store.hosts, summaries } }) }
}

test('hosts that are asked for at once come by one query, each its own', async () => {
  const { queries, read } = await stage()
  const found = await Promise.all([...HOSTS, 'render/00009', 'render/00001'].map(read))
  expect(found.map((row) => row?.host)).toEqual([...HOSTS, undefined, 'render/00001'])
  expect(queries).toEqual([[...HOSTS, 'render/00009']])
})

test('no query has more hosts than it may have parameters', async () => {
  const { queries, read } = await stage()
  const many = Array.from({ length: 1_200 }, (_, n) => `many/${String(n + 1).padStart(5, '0')}`)
  await Promise.all(many.map(read))
  expect(queries.map((hosts) => hosts.length)).toEqual([500, 500, 200])
})

test('an answer is not older than its question', async () => {
  const { store, read } = await stage()
  const first = read('render/00001')
  await first
  await recordHost(store, { host: 'render/00001', phase: 'ready', seq: 2 })
  expect(await read('render/00001')).toMatchObject({ phase: 'ready' })
  expect(await first).toMatchObject({ phase: 'booting' })
})

test('a store that does not answer tells all who asked', async () => {
  const { store, read } = await stage()
  await store.close()
  const answers = await Promise.allSettled(HOSTS.map(read))
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
})
