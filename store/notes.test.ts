import { expect, test } from 'vitest'
import { onEachDatabase } from './testing/on-each-database.ts'
import { specForTests } from '../domain/testing/specs.ts'

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

  test('strikes count the refusals of a place in a row, those of launches under way together once', async () => {
    for (const at of [0, 1, 20_000, 4 * MINUTE, 5 * MINUTE]) await capacity().note(PLACE, 'x', at)
    await capacity().note({ ...PLACE, spot: true }, 'x', 0)
    const { zone, instanceType, spot } = PLACE
    expect(await capacity().strikes('cn-hangzhou', -1)).toEqual([
      { zone, instanceType, spot, count: 3 },
      { zone, instanceType, spot: true, count: 1 },
    ])
    expect(await capacity().strikes('cn-hangzhou', 0)).toMatchObject([{ count: 3 }])
    expect(await capacity().strikes('cn-beijing', -1)).toEqual([])
    await capacity().note(PLACE, 'x', 60 * MINUTE)
    expect(await capacity().strikes('cn-hangzhou', 0), 'forgotten').toMatchObject([{ count: 1 }])
  })
})

onEachDatabase('specs', (current) => {
  const specs = () => current().store.specs

  test('equal specs are one row whatever the order of their keys', async () => {
    const spec = specForTests({ tags: { a: '1', b: '2' } })
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
    const putting = specs().put(specForTests({ tags: { a: 'x'.repeat(9_000) } }), 1)
    await expect(putting).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('8192'),
    })
  })

  test('another spec under the same hash is refused, not taken for it', async () => {
    const hash = await specs().put(specForTests(), 1)
    await current().database.db.updateTable('specs').set({ spec: '{}' }).where('hash', '=', hash).execute()
    await expect(specs().put(specForTests(), 2)).rejects.toMatchObject({ code: 'conflict' })
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
