import { expect, test } from 'vitest'
import type { HostRecord } from '../domain/host/types.ts'
import { onEachDatabase } from './testing/on-each-database.ts'
import { sampleEvent, sampleFacts, sampleRecord } from './testing/samples.ts'

const HOST = 'render/00001'
const KEY = { host: HOST, generation: 'aaaaaaaaaa', attempt: 1 }
const NEXT_GENERATION = 'bbbbbbbbbb'

onEachDatabase('hosts', (current) => {
  const hosts = () => current().store.hosts
  const record = (changes: Partial<HostRecord> = {}, now = 1_000) =>
    hosts().record(sampleRecord(changes), now)

  test('a record comes back as it was written, with absent fields absent', async () => {
    const full = sampleRecord({
      zone: 'cn-hangzhou-h',
      instanceType: 'ecs.g7.large',
      instanceId: 'i-1',
      privateIp: '10.0.0.1',
      mac: '00:16:3e:00:00:01',
      keyId: 'k1',
      reason: 'мост 🚂',
      launchedAt: 1_700_000_000_000,
      bootDeadline: 1_700_001_200_000,
      waitUntil: 5,
      readyAt: 6,
      wish: 'drain',
      failure: 'mute',
    })
    await hosts().record(full, 1_700_000_000_123)
    const { events: _, at: __, ...expected } = full
    expect(await hosts().get(HOST)).toEqual({
      ...expected,
      phaseAt: 1_700_000_000_123,
      updatedAt: 1_700_000_000_123,
    })
    await record({ seq: 2 }, 1_700_000_000_200)
    const bare = await hosts().get(HOST)
    expect(Object.keys(bare ?? {})).not.toContain('instanceId')
    expect(bare?.phaseAt).toBe(1_700_000_000_123)
  })

  test('regions are those of hosts that are not retired', async () => {
    expect(await hosts().regions()).toEqual([])
    await record({ host: 'render/00001', region: 'cn-shanghai' })
    await record({ host: 'render/00002', region: 'cn-beijing', phase: 'deleting' })
    await record({ host: 'render/00003', region: 'cn-shanghai', phase: 'silent' })
    await record({ host: 'render/00004', region: 'cn-shenzhen', phase: 'retired' })
    expect(await hosts().regions()).toEqual(['cn-beijing', 'cn-shanghai'])
  })

  test('keys in use are those of hosts that are not retired, until their next launch is planned', async () => {
    expect(await hosts().keysInUse()).toEqual([])
    await record({ host: 'render/00001', keyId: 'k2' })
    await record({ host: 'render/00002', keyId: 'k1', phase: 'deleting' })
    await record({ host: 'render/00003', keyId: 'k2', phase: 'silent' })
    await record({ host: 'render/00004', keyId: 'k0', phase: 'retired' })
    await record({ host: 'render/00005' })
    expect(await hosts().keysInUse()).toEqual([
      { keyId: 'k1', hosts: 1 },
      { keyId: 'k2', hosts: 2 },
    ])
    await record({ host: 'render/00002', seq: 2, attempt: 2, phase: 'launching' })
    expect(await hosts().keysInUse()).toEqual([{ keyId: 'k2', hosts: 2 }])
    expect(await hosts().get('render/00002')).not.toHaveProperty('keyId')
  })

  test('an unknown host is undefined', async () => {
    expect(await hosts().get('render/00009')).toBeUndefined()
  })

  test('a record with a lower seq leaves the row and still brings its events', async () => {
    await record({ seq: 5, phase: 'ready', events: [sampleEvent(5)] })
    await record({ seq: 3, phase: 'booting', events: [sampleEvent(3)] })
    expect(await hosts().get(HOST)).toMatchObject({ seq: 5, phase: 'ready' })
    expect((await current().store.journal.list({})).map(({ seq }) => seq)).toEqual([3, 5])
  })

  test('the same record twice changes nothing, its events are there once', async () => {
    const once = { seq: 2, events: [sampleEvent(1), sampleEvent(2)] }
    await record(once)
    await record(once)
    expect(await current().store.journal.list({ host: HOST })).toHaveLength(2)
  })

  test('instants of a workflow whose time runs ahead are moved back to the wall clock', async () => {
    const ahead = { at: 1_201_000, launchedAt: 1_200_500, bootDeadline: 2_400_500 }
    await record({ ...ahead, events: [] }, 1_000)
    expect(await hosts().get(HOST)).toMatchObject({ launchedAt: 500, bootDeadline: 1_200_500 })
  })

  test('a new generation replaces the row with a lower seq', async () => {
    await record({ seq: 9, phase: 'retired', events: [sampleEvent(9)] })
    await record({ seq: 1, generation: NEXT_GENERATION, phase: 'launching', events: [sampleEvent(1)] })
    expect(await hosts().get(HOST)).toMatchObject({ seq: 1, generation: NEXT_GENERATION, phase: 'launching' })
  })

  test('a late record of a generation that is over does not come back', async () => {
    await record({ seq: 9, phase: 'retired', events: [sampleEvent(9)] })
    await record({ seq: 1, generation: NEXT_GENERATION, phase: 'launching', events: [sampleEvent(1)] })
    await record({ seq: 9, phase: 'retired', events: [sampleEvent(9)] })
    expect(await hosts().get(HOST)).toMatchObject({ generation: NEXT_GENERATION, phase: 'launching' })
  })

  test('phaseAt moves when phase or attempt change, not with every record', async () => {
    await record({ seq: 1, phase: 'booting' }, 100)
    await record({ seq: 2, phase: 'booting' }, 200)
    expect(await hosts().get(HOST)).toMatchObject({ phaseAt: 100, updatedAt: 200 })
    await record({ seq: 3, phase: 'ready' }, 300)
    expect(await hosts().get(HOST)).toMatchObject({ phaseAt: 300 })
    await record({ seq: 4, phase: 'ready', attempt: 2 }, 400)
    expect(await hosts().get(HOST)).toMatchObject({ phaseAt: 400 })
  })

  test('facts and beats are kept for the present attempt only, and end with it', async () => {
    await record()
    await hosts().setFacts([{ key: KEY, facts: sampleFacts() }], 2_000)
    const later = [
      { key: { ...KEY, attempt: 2 }, facts: sampleFacts({ instanceId: 'i-2' }) },
      { key: { ...KEY, generation: NEXT_GENERATION }, facts: sampleFacts({ instanceId: 'i-3' }) },
    ]
    await hosts().setFacts(later, 2_001)
    await hosts().setBeats([{ key: KEY, at: 2_100, workload: 'running', load: 0.25 }])
    await record({ seq: 2, phase: 'ready' }, 2_200)
    expect(await hosts().get(HOST)).toMatchObject({
      facts: sampleFacts(),
      lastBeatAt: 2_100,
      workload: 'running',
      load: 0.25,
    })
    await record({ seq: 3, attempt: 2, phase: 'launching' }, 2_300)
    const next = await hosts().get(HOST)
    expect(next).not.toHaveProperty('facts')
    expect(next).not.toHaveProperty('lastBeatAt')
  })

  test('facts of many hosts are written at once, the last of each', async () => {
    const hostsOf = [1, 2, 3].map((slot) => ({ ...KEY, host: `render/0000${slot}` }))
    for (const [n, { host }] of hostsOf.entries()) await record({ host, slot: n + 1 })
    const told = hostsOf.flatMap((key) =>
      ['old', "new 'quoted' мост"].map((agentVersion) => ({ key, facts: sampleFacts({ agentVersion }) })),
    )
    await hosts().setFacts(told, 2_000)
    for (const { host } of hostsOf) {
      expect(await hosts().get(host)).toMatchObject({
        facts: sampleFacts({ agentVersion: "new 'quoted' мост" }),
        updatedAt: 2_000,
      })
    }
    await hosts().setFacts([], 3_000)
  })

  test('summaries of many hosts come at once, without those that are not known', async () => {
    await record({ phase: 'booting', instanceId: 'i-1', specHash: 'abc' })
    await record({ host: 'render/00002', slot: 2 })
    await hosts().setFacts([{ key: { ...KEY, host: 'render/00002' }, facts: sampleFacts() }], 1)
    const summaries = await hosts().summaries([HOST, 'render/00002', 'render/00009'])
    expect(summaries.toSorted((a, b) => a.host.localeCompare(b.host))).toEqual([
      { ...KEY, phase: 'booting', instanceId: 'i-1', specHash: 'abc', hasFacts: false },
      expect.objectContaining({ host: 'render/00002', hasFacts: true }),
    ])
    expect(summaries.find(({ host }) => host === 'render/00002')).not.toHaveProperty('instanceId')
    expect(await hosts().summaries([])).toEqual([])
  })

  test('older beats, beats of other attempts and second ones of a batch change nothing', async () => {
    await record()
    const beat = (at: number, workload: string, key = KEY) => ({ key, at, workload, load: 1 })
    await hosts().setBeats([beat(50, 'new'), beat(40, 'old'), beat(60, 'else', { ...KEY, attempt: 2 })])
    expect(await hosts().get(HOST)).toMatchObject({ lastBeatAt: 50, workload: 'new' })
    await hosts().setBeats([beat(49, 'older')])
    expect(await hosts().get(HOST)).toMatchObject({ lastBeatAt: 50, workload: 'new' })
    await hosts().setBeats([])
  })

  test('the skew of a clock is kept until it has changed by more than five seconds, for its attempt', async () => {
    await record({})
    const skew = async (at: number, clockSkewMs?: number) => {
      const told = clockSkewMs === undefined ? {} : { clockSkewMs }
      await hosts().setBeats([{ key: KEY, at, workload: '', load: 0, ...told }])
      return (await hosts().get(HOST))?.clockSkewMs
    }
    expect(await skew(1)).toBeUndefined()
    expect(await skew(2, -40)).toBe(-40)
    expect(await skew(3, 4_960)).toBe(-40)
    expect(await skew(4)).toBe(-40)
    expect(await skew(5, 4_961)).toBe(4_961)
    expect(await skew(6, -3_600_000)).toBe(-3_600_000)
    await record({ seq: 2, attempt: 2, phase: 'launching' }, 2_300)
    expect(await hosts().get(HOST)).not.toHaveProperty('clockSkewMs')
  })

  test('a batch of beats of 1,000 hosts is written at once', async () => {
    await current().database.write(async (trx) => {
      const { toColumns } = await import('./host-row.ts')
      const rows = Array.from({ length: 1_000 }, (_, i) => ({
        ...toColumns(sampleRecord({ slot: i + 1 }), undefined, 1),
        facts: null,
        last_beat_at: null,
        workload: null,
        load: null,
      }))
      for (let i = 0; i < rows.length; i += 500)
        await trx
          .insertInto('hosts')
          .values(rows.slice(i, i + 500))
          .execute()
    })
    const all = await hosts().list({ limit: 1_000 })
    await hosts().setBeats(all.map((key, i) => ({ key, at: i + 1, workload: 'running', load: i / 1_000 })))
    const after = await hosts().list({ limit: 1_000 })
    expect(after.map(({ lastBeatAt }) => lastBeatAt)).toEqual(all.map((_, i) => i + 1))
  })

  test('lists come in order of id, page by page, without retired hosts', async () => {
    for (const fleet of ['b', 'a-b', 'a']) {
      for (const slot of [2, 1]) await record({ fleet, slot, phase: slot === 2 ? 'ready' : 'booting' })
    }
    await record({ fleet: 'a', slot: 3, phase: 'retired' })
    const ids = async (filter: Parameters<ReturnType<typeof hosts>['list']>[0]) =>
      (await hosts().list(filter)).map(({ host }) => host)
    const all = ['a-b/00001', 'a-b/00002', 'a/00001', 'a/00002', 'b/00001', 'b/00002']
    expect(await ids({})).toEqual(all)
    expect(await ids({ limit: 4 })).toEqual(all.slice(0, 4))
    expect(await ids({ limit: 4, after: 'a/00002' })).toEqual(all.slice(4))
    expect(await ids({ fleet: 'a', includeRetired: true })).toEqual(['a/00001', 'a/00002', 'a/00003'])
    expect(await ids({ phases: ['retired', 'booting'], fleet: 'a' })).toEqual(['a/00001', 'a/00003'])
    expect(await ids({ phases: [] })).toEqual([])
  })

  test('search finds parts of id, instance, address, zone, type and reason in any case, taking % and _ as they are', async () => {
    await record({ instanceId: 'i-bp1ABC', privateIp: '10.1.2.3', zone: 'cn-hangzhou-h' })
    await record({ slot: 2, instanceType: 'ecs.g7.LARGE', reason: String.raw`100% of C:\x done` })
    const found = async (search: string) => (await hosts().list({ search })).map(({ slot }) => slot)
    expect(await found('BP1abc')).toEqual([1])
    expect(await found('10.1.2')).toEqual([1])
    expect(await found('Hangzhou-H')).toEqual([1])
    expect(await found('large')).toEqual([2])
    expect(await found('0% of')).toEqual([2])
    expect(await found(String.raw`c:\x`)).toEqual([2])
    expect(await found('1__%')).toEqual([])
    expect(await found('render/')).toEqual([1, 2])
    expect(await found('a\u0000b\uD800')).toEqual([])
    expect(await hosts().list({ instanceId: 'i-bp1ABC' })).toHaveLength(1)
    expect(await hosts().list({ privateIp: '10.1.2.3' })).toHaveLength(1)
    expect(await hosts().list({ privateIp: '10.1.2' })).toHaveLength(0)
  })

  test.each([0, -1, 1.5, 1_001, NaN])('a limit of %s is refused', async (limit) => {
    await expect(hosts().list({ limit })).rejects.toMatchObject({ code: 'bad_request' })
  })

  test('counts by fleet and phase leave retired hosts out', async () => {
    await record({ slot: 1, phase: 'ready' })
    await record({ slot: 2, phase: 'ready' })
    await record({ slot: 3, phase: 'silent' })
    await record({ slot: 4, phase: 'retired' })
    await record({ fleet: 'bake', phase: 'launching' })
    expect(await hosts().counts()).toEqual({ render: { ready: 2, silent: 1 }, bake: { launching: 1 } })
    expect(await hosts().counts('bake')).toEqual({ bake: { launching: 1 } })
    expect(await hosts().counts('none')).toEqual({})
  })

  test('readyAndSilent tells phase and since when', async () => {
    await record({ slot: 2, phase: 'silent' }, 20)
    await record({ slot: 1, phase: 'ready' }, 10)
    await record({ slot: 3, phase: 'draining' }, 30)
    await record({ fleet: 'bake', phase: 'ready' }, 40)
    expect(await hosts().readyAndSilent('render')).toEqual([
      { host: 'render/00001', phase: 'ready', phaseAt: 10 },
      { host: 'render/00002', phase: 'silent', phaseAt: 20 },
    ])
  })

  test('texts of agents with NUL characters and lone surrogates are kept, not refused', async () => {
    await record({
      reason: 'a\u0000b\uD800',
      events: [sampleEvent(1, { text: '\u0000', data: { x: '\u0000' } })],
    })
    await hosts().setFacts([{ key: KEY, facts: sampleFacts({ mac: '\u0000\uDFFF' }) }], 1)
    await hosts().setBeats([{ key: KEY, at: 1, workload: '\u0000\uD800', load: 0 }])
    expect(await hosts().get(HOST)).toMatchObject({ reason: 'a\uFFFDb\uFFFD', workload: '\uFFFD\uFFFD' })
  })

  test('facts of unreasonable size and ids that are none are refused', async () => {
    await record()
    const huge = sampleFacts({ agentVersion: 'x'.repeat(20_000) })
    await expect(hosts().setFacts([{ key: KEY, facts: huge }], 1)).rejects.toMatchObject({
      code: 'too_large',
    })
    await expect(record({ host: 'nonsense' })).rejects.toMatchObject({ code: 'bad_request' })
  })

  test('records of one host written at once leave the one with the highest seq', async () => {
    const seqs = Array.from({ length: 20 }, (_, i) => i + 1)
    await Promise.all(seqs.toReversed().map((seq) => record({ seq, events: [sampleEvent(seq)] })))
    expect(await hosts().get(HOST)).toMatchObject({ seq: 20 })
    expect(await current().store.journal.list({ host: HOST })).toHaveLength(20)
  })
})
