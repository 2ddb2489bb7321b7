import { expect, test } from 'vitest'
import { onEachDatabase } from './testing/on-each-database.ts'
import { sampleEvent, sampleRecord } from './testing/samples.ts'

onEachDatabase('journal', (current) => {
  const journal = () => current().store.journal
  const write = (changes: Parameters<typeof sampleRecord>[0], now = 9_000) =>
    current().store.hosts.record(sampleRecord(changes), now)

  test('events come newest first with everything they were written with', async () => {
    const told = sampleEvent(2, { kind: 'deadline', at: 7, data: { muteForMs: 1_200_000, at: ['x'] } })
    await write({ events: [sampleEvent(1), told] })
    const [newest, oldest] = await journal().list({})
    expect(newest).toEqual({
      ...told,
      id: expect.any(Number),
      host: 'render/00001',
      generation: 'aaaaaaaaaa',
      recordedAt: 7,
    })
    expect(oldest).not.toHaveProperty('data')
    expect(newest?.id).toBeGreaterThan(oldest?.id ?? Infinity)
  })

  test('an event of a workflow whose time runs ahead is told by the wall clock of its writer', async () => {
    await write({ events: [sampleEvent(1, { at: 1_200_000 })] }, 9_000)
    expect(await journal().list({})).toMatchObject([{ at: 1_200_000, recordedAt: 9_000 }])
  })

  test('host, fleet and generation narrow the list, before and limit page through it', async () => {
    await write({ events: [sampleEvent(1), sampleEvent(2)] })
    await write({ slot: 2, events: [sampleEvent(1)] })
    await write({ fleet: 'bake', events: [sampleEvent(1)] })
    await write({ generation: 'bbbbbbbbbb', events: [sampleEvent(1), sampleEvent(2), sampleEvent(3)] })
    const count = async (filter: Parameters<ReturnType<typeof journal>['list']>[0]) =>
      (await journal().list(filter)).length
    expect(await count({})).toBe(7)
    expect(await count({ fleet: 'render' })).toBe(6)
    expect(await count({ host: 'render/00001' })).toBe(5)
    expect(await count({ host: 'render/00001', generation: 'aaaaaaaaaa' })).toBe(2)
    const seen: number[] = []
    for (let page = await journal().list({ limit: 3 }); page.length > 0;) {
      seen.push(...page.map(({ id }) => id))
      page = await journal().list({ limit: 3, before: page.at(-1)?.id ?? 0 })
    }
    expect(seen).toHaveLength(7)
    expect(seen).toEqual(seen.toSorted((a, b) => b - a))
  })

  test('texts and data beyond their size are cut or left out, and the event stays', async () => {
    await write({ events: [sampleEvent(1, { text: 'x'.repeat(10_000), data: { y: 'z'.repeat(20_000) } })] })
    const [event] = await journal().list({})
    expect(event?.text).toHaveLength(4_000)
    expect(event?.data).toEqual({ leftOut: '20008 bytes' })
  })

  test.each([-1, 0.5, 1e300, NaN])('a cursor of %s is refused', async (before) => {
    await expect(journal().list({ before })).rejects.toMatchObject({ code: 'bad_request' })
  })

  test('row numbers become visible in order while many write at once', async () => {
    const writing = Promise.all(
      Array.from({ length: 40 }, (_, i) => write({ slot: i + 1, events: [sampleEvent(1), sampleEvent(2)] })),
    )
    const seen = new Set<number>()
    let highest = 0
    let ended = false
    void writing.finally(() => (ended = true))
    for (let last = false; !last;) {
      last = ended
      const rows = await journal().list({ limit: 1_000 })
      for (const { id } of rows) {
        expect(seen.has(id) || id > highest, `row ${id} appeared below ${highest}`).toBe(true)
      }
      for (const { id } of rows) seen.add(id)
      highest = Math.max(highest, ...seen)
    }
    await writing
    expect(seen.size).toBe(80)
  })
})
