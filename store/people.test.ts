import { expect, test } from 'vitest'
import { onEachDatabase } from './testing/on-each-database.ts'

const HASH = 'a'.repeat(64)

onEachDatabase('tokens', (current) => {
  const tokens = () => current().store.tokens
  const token = { hash: HASH, name: 'alice', role: 'operator' as const, createdAt: 5 }

  test('a token is found by its hash until it is removed', async () => {
    await tokens().add(token)
    expect(await tokens().find(HASH)).toEqual({ name: 'alice', role: 'operator' })
    expect(await tokens().find('b'.repeat(64))).toBeUndefined()
    expect(await tokens().remove('alice')).toBe(true)
    expect(await tokens().remove('alice')).toBe(false)
    expect(await tokens().find(HASH)).toBeUndefined()
  })

  test('the list has no hashes', async () => {
    await tokens().add(token)
    await tokens().add({ ...token, hash: 'b'.repeat(64), name: 'Zoe', role: 'viewer' })
    expect(await tokens().list()).toEqual([
      { name: 'Zoe', role: 'viewer', createdAt: 5 },
      { name: 'alice', role: 'operator', createdAt: 5 },
    ])
  })

  test('a name or a token is there once', async () => {
    await tokens().add(token)
    await expect(tokens().add({ ...token, hash: 'b'.repeat(64) })).rejects.toMatchObject({ code: 'conflict' })
    await expect(tokens().add({ ...token, name: 'bob' })).rejects.toMatchObject({ code: 'conflict' })
  })

  test('a token itself instead of its hash is refused and not repeated', async () => {
    const adding = tokens().add({ ...token, hash: 'secret-token' })
    await expect(adding).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.not.stringContaining('secret'),
    })
  })
})

onEachDatabase('audit', (current) => {
  test('the newest comes first, by target and limit', async () => {
    const { audit } = current().store
    const entry = { at: 1, who: 'alice', what: 'resize', target: 'render', why: 'more work' }
    await audit.add({ ...entry, requestId: 'r-1' })
    await audit.add({ ...entry, at: 1, target: 'bake' })
    await audit.add({ ...entry, at: 1, what: 'pause' })
    expect((await audit.list({})).map(({ what, target }) => `${what} ${target}`)).toEqual([
      'pause render',
      'resize bake',
      'resize render',
    ])
    const [newest] = await audit.list({ target: 'render', limit: 1 })
    expect(newest).toEqual({ ...entry, what: 'pause', id: expect.any(Number) })
    const older = await audit.list({ before: newest?.id ?? 0 })
    expect(older.map(({ what, target }) => `${what} ${target}`)).toEqual(['resize bake', 'resize render'])
    expect(older.at(-1)).toMatchObject({ ...entry, requestId: 'r-1' })
    await audit.add({ ...entry, who: 'bob' })
    expect((await audit.list({ who: 'bob' })).map(({ who }) => who)).toEqual(['bob'])
    await expect(audit.list({ before: -1 })).rejects.toMatchObject({ code: 'bad_request' })
  })
})

onEachDatabase('pulses', (current) => {
  test('alive are those whose last pulse is young; a late pulse does not turn back', async () => {
    const { pulses } = current().store
    await pulses.beat('b', 1, 100)
    await pulses.beat('a', 2, 90)
    await pulses.beat('b', 1, 95)
    expect(await pulses.alive(110, 30)).toEqual([
      { id: 'a', startedAt: 2, lastAt: 90 },
      { id: 'b', startedAt: 1, lastAt: 100 },
    ])
    expect(await pulses.alive(120, 30)).toHaveLength(1)
  })

  test('processes gone for a day are forgotten', async () => {
    const { pulses } = current().store
    await pulses.beat('old', 1, 100)
    await pulses.beat('new', 1, 100 + 25 * 3_600_000)
    expect(await pulses.alive(100, 1_000)).toEqual([expect.objectContaining({ id: 'new' })])
  })
})
