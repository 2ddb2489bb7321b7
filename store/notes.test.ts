import { expect, test } from 'vitest'
import { onEachDatabase } from './testing/on-each-database.ts'
import { sampleSpec } from './testing/samples.ts'

const MINUTE = 60_000
const PLACE = { region: 'cn-hangzhou', zone: 'h', instanceType: 'ecs.g7.large', spot: false }

onEachDatabase('capacity notes', (current) => {
  const capacity = () => current().store.capacity

  test('a place without stock is avoided for 3 minutes, and for 10 when it then still has none', async () => {
    expect(await capacity().note(PLACE, 'OperationDenied.NoStock', 0)).toBe(3 * MINUTE)
    expect(await capacity().note(PLACE, 'OperationDenied.NoStock', 3 * MINUTE + 1)).toBe(13 * MINUTE + 1)
    expect(await capacity().note(PLACE, 'OperationDenied.NoStock', 14 * MINUTE)).toBe(24 * MINUTE)
  })

  test('a refusal within its time, of a launch planned later, makes it 10 minutes', async () => {
    await capacity().note(PLACE, 'x', 0)
    expect(await capacity().note(PLACE, 'x', MINUTE)).toBe(11 * MINUTE)
  })

  test('the refusals of launches that were under way together are one piece of news', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => capacity().note(PLACE, 'x', i)))
    expect(new Set(answers).size).toBe(1)
    expect(await capacity().note(PLACE, 'x', 29_000)).toBe(answers[0])
  })

  test('what ended long ago is forgotten', async () => {
    await capacity().note(PLACE, 'x', 0)
    expect(await capacity().note(PLACE, 'x', 13 * MINUTE)).toBe(16 * MINUTE)
  })

  test('active lists the notes of a region that still hold, spot apart from on-demand, in order', async () => {
    await capacity().note({ ...PLACE, zone: 'i' }, 'x', 0)
    await capacity().note({ ...PLACE, spot: true }, 'y', 0)
    await capacity().note(PLACE, 'x', 0)
    await capacity().note({ ...PLACE, region: 'cn-beijing' }, 'x', 0)
    await capacity().note({ ...PLACE, zone: 'a' }, 'x', -3 * MINUTE)
    expect(await capacity().active('cn-hangzhou', MINUTE)).toEqual([
      { ...PLACE, code: 'x', until: 3 * MINUTE },
      { ...PLACE, spot: true, code: 'y', until: 3 * MINUTE },
      { ...PLACE, zone: 'i', code: 'x', until: 3 * MINUTE },
    ])
    expect(await capacity().active('cn-hangzhou', 3 * MINUTE)).toEqual([])
  })
})

onEachDatabase('holds', (current) => {
  test('active lists the holds of a region that nobody has closed, past their cool-down too', async () => {
    const { db } = current().database
    const hold = { region: 'cn-hangzhou', reason: '5 mute', opened_at: 10, until: 20 }
    const nothing = { image_id: null, zone: null, instance_type: null, fleet: null, closed_at: null }
    await db
      .insertInto('holds')
      .values([
        { ...nothing, ...hold, scope: 'image', image_id: 'm-1' },
        { ...nothing, ...hold, scope: 'fleet', fleet: 'render', opened_at: 5 },
        { ...nothing, ...hold, scope: 'fleet', fleet: 'bake', closed_at: 15 },
        { ...nothing, ...hold, scope: 'fleet', fleet: 'bake', region: 'cn-beijing' },
      ])
      .execute()
    expect(await current().store.holds.active('cn-hangzhou', 30)).toEqual([
      { scope: 'fleet', fleet: 'render', reason: '5 mute', openedAt: 5, until: 20 },
      { scope: 'image', imageId: 'm-1', reason: '5 mute', openedAt: 10, until: 20 },
    ])
  })
})

onEachDatabase('specs', (current) => {
  const specs = () => current().store.specs

  test('equal specs are one row whatever the order of their keys', async () => {
    const spec = sampleSpec({ tags: { a: '1', b: '2' } })
    const turned = Object.fromEntries(Object.entries(spec).toReversed()) as typeof spec
    const hash = await specs().put(spec, 1)
    expect(hash).toMatch(/^[0-9a-f]{12}$/)
    expect(await specs().put(turned, 2)).toBe(hash)
    expect(await specs().put({ ...spec, imageId: 'm-2' }, 3)).not.toBe(hash)
    expect(await specs().get(hash)).toEqual(spec)
    expect(await current().database.db.selectFrom('specs').select('created_at').execute()).toHaveLength(2)
  })

  test('an unknown hash is undefined', async () => {
    expect(await specs().get('000000000000')).toBeUndefined()
  })

  test('a spec above 8 KiB is refused with its size', async () => {
    const putting = specs().put(sampleSpec({ tags: { a: 'x'.repeat(9_000) } }), 1)
    await expect(putting).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('8192'),
    })
  })

  test('another spec under the same hash is refused, not taken for it', async () => {
    const hash = await specs().put(sampleSpec(), 1)
    await current().database.db.updateTable('specs').set({ spec: '{}' }).where('hash', '=', hash).execute()
    await expect(specs().put(sampleSpec(), 2)).rejects.toMatchObject({ code: 'conflict' })
  })
})

onEachDatabase('fleets', (current) => {
  const row = {
    name: 'render',
    desired: 3,
    paused: true,
    specHash: 'abc',
    slots: [
      [1, 2],
      [5, 5],
    ] as [number, number][],
    seq: 2,
    note: 'resized',
    updatedAt: 7,
  }

  test('a fleet comes back as recorded; an older record changes nothing', async () => {
    const { fleets } = current().store
    await fleets.record(row)
    await fleets.record({ ...row, seq: 1, desired: 9 })
    expect(await fleets.get('render')).toEqual(row)
    await fleets.record({ ...row, seq: 2, paused: false, updatedAt: 8 })
    expect(await fleets.get('render')).toEqual({ ...row, paused: false, updatedAt: 8 })
    expect(await fleets.get('bake')).toBeUndefined()
  })

  test('fleets are listed by name', async () => {
    const { fleets } = current().store
    for (const name of ['b', 'a-b', 'a']) await fleets.record({ ...row, name })
    expect((await fleets.list()).map(({ name }) => name)).toEqual(['a', 'a-b', 'b'])
  })
})
