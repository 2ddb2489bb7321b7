import { expect, test } from 'vitest'
import { onEachDatabase } from './testing/on-each-database.ts'
import { DEFAULT_POLICY } from '../domain/fleet/policy.ts'
import { specForTests } from '../domain/testing/specs.ts'
import { sampleEvent, sampleRecord } from './testing/samples.ts'

const KEY = { host: 'render/00001', generation: 'aaaaaaaaaa', attempt: 1 }
const OLD = 1_000
const NEW = 9_000
const BEFORE = 5_000

onEachDatabase('what is old', (current) => {
  const store = () => current().store
  const seqs = async () => (await store().journal.list({ limit: 1_000 })).map(({ seq }) => seq).toReversed()

  test('leaves the journal, but for the lines of an attempt that runs', async () => {
    const events = [sampleEvent(1, { attempt: 1 }), sampleEvent(2, { attempt: 2 })]
    await store().hosts.record(sampleRecord({ attempt: 2, seq: 2, events }), OLD)
    await store().hosts.record(
      sampleRecord({ attempt: 2, seq: 3, events: [sampleEvent(3, { attempt: 2, at: NEW })] }),
      NEW,
    )
    expect(await store().prune(BEFORE)).toBe(1)
    expect(await seqs()).toEqual([2, 3])
    await store().hosts.record(sampleRecord({ attempt: 2, seq: 4, phase: 'retired' }), NEW)
    expect(await store().prune(BEFORE)).toBe(1)
    expect(await seqs()).toEqual([3])
    expect(await store().prune(BEFORE)).toBe(0)
  })

  test('leaves audit, evidence and commands', async () => {
    for (const at of [OLD, NEW]) {
      await store().audit.add({ at, who: 'a', what: String(at), target: 'fleet render', why: 'x' })
      await store().evidence.put({
        ...KEY,
        attempt: at,
        kind: 'console',
        contentType: 'text/plain',
        content: new Uint8Array([1]),
        takenAt: at,
      })
      await store().commands.add({ ...KEY, attempt: at }, 'drain', undefined, at)
    }
    expect(await store().prune(BEFORE)).toBe(3)
    expect((await store().audit.list({})).map(({ what }) => what)).toEqual([String(NEW)])
    expect((await store().evidence.list(KEY.host)).map(({ attempt }) => attempt)).toEqual([NEW])
    expect(await store().commands.pending({ ...KEY, attempt: OLD })).toEqual([])
    expect(await store().commands.pending({ ...KEY, attempt: NEW })).toHaveLength(1)
  })

  test('leaves the holds that are closed', async () => {
    const { db } = current().database
    const hold = { region: 'cn-hangzhou', scope: 'image' as const, image_id: 'm-1', reason: 'x', until: OLD }
    await db
      .insertInto('holds')
      .values([
        { ...hold, opened_at: OLD, closed_at: OLD },
        { ...hold, opened_at: OLD, closed_at: NEW },
        { ...hold, opened_at: OLD, closed_at: null },
      ])
      .execute()
    expect(await store().prune(BEFORE)).toBe(1)
    const left = await store().holds.list({ includeClosed: true }, NEW)
    expect(left.map(({ closedAt }) => closedAt)).toEqual([undefined, NEW])
  })

  test('leaves retired hosts, and keeps those that run', async () => {
    const host = (slot: number, phase: 'retired' | 'ready', at: number) =>
      store().hosts.record(sampleRecord({ slot, phase, seq: 1 }), at)
    await host(1, 'retired', OLD)
    await host(2, 'ready', OLD)
    await host(3, 'retired', NEW)
    expect(await store().prune(BEFORE)).toBe(1)
    const rows = await store().hosts.list({ includeRetired: true })
    expect(rows.map(({ slot }) => slot)).toEqual([2, 3])
  })

  test('leaves specs that neither a host nor a fleet names, nor anybody has applied since', async () => {
    const put = (name: string, at: number) => store().specs.put(specForTests({ imageId: name }), at)
    const [unused, ofHost, ofFleet, former, again] = await Promise.all(
      ['unused', 'host', 'fleet', 'former', 'again'].map((name) => put(name, OLD)),
    )
    expect(await put('again', NEW)).toBe(again)
    const young = await put('young', NEW)
    await store().hosts.record(sampleRecord({ specHash: ofHost ?? '' }), NEW)
    const status = { surge: 0, replacing: 0, extra: 0, marks: [], policy: DEFAULT_POLICY }
    const fleet = { name: 'render', desired: 1, paused: false, slots: [], seq: 1, note: '', updatedAt: OLD }
    await store().fleets.record({
      ...fleet,
      specHash: ofFleet ?? '',
      status: { ...status, previousSpecHash: former ?? '' },
    })
    expect(await store().prune(BEFORE)).toBe(1)
    expect(await store().specs.get(unused ?? '')).toBeUndefined()
    for (const hash of [ofHost, ofFleet, former, again, young]) {
      expect(await store().specs.get(hash ?? '')).toBeDefined()
    }
  })

  test('goes a thousand rows of a table at a time', async () => {
    const event = (seq: number) => sampleEvent(seq, { attempt: 1 })
    const events = Array.from({ length: 1_200 }, (_, at) => event(at + 1))
    await store().hosts.record(sampleRecord({ attempt: 2, seq: 1_200, events }), OLD)
    expect([await store().prune(BEFORE), await store().prune(BEFORE), await store().prune(BEFORE)]).toEqual([
      1_000, 200, 0,
    ])
  })
})
