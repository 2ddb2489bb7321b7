import { expect, test } from 'vitest'
import type { EvidenceRow } from './contract.ts'
import { onEachDatabase } from './testing/on-each-database.ts'

const LIMIT = 256 * 1024
const text = (content: string) => new TextEncoder().encode(content)
const row: EvidenceRow = {
  host: 'render/00001',
  generation: 'aaaaaaaaaa',
  attempt: 1,
  kind: 'console',
  contentType: 'text/plain',
  content: text('kernel panic'),
  takenAt: 5,
}

onEachDatabase('evidence', (current) => {
  const evidence = () => current().store.evidence
  const get = () => evidence().get(row.host, row.generation, row.attempt, row.kind)

  test('what was put comes back byte by byte, the second put in place of the first', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    await evidence().put(row)
    await evidence().put({ ...row, contentType: 'image/jpeg', content: bytes, takenAt: 6 })
    expect(await get()).toEqual({ ...row, contentType: 'image/jpeg', content: bytes, takenAt: 6 })
    expect(await evidence().get(row.host, row.generation, 2, row.kind)).toBeUndefined()
    expect(await evidence().get(row.host, row.generation, 1e300, row.kind)).toBeUndefined()
  })

  test('long text keeps its end, from a whole character on', async () => {
    await evidence().put({ ...row, content: text('é'.repeat(LIMIT / 2) + '!') })
    const kept = await get()
    expect(kept?.content.byteLength).toBe(LIMIT - 1)
    expect(new TextDecoder('utf-8', { fatal: true }).decode(kept?.content)).toMatch(/^é+!$/)
  })

  test('a picture that is too large is refused', async () => {
    const huge = { ...row, contentType: 'image/jpeg', content: new Uint8Array(LIMIT + 1) }
    await expect(evidence().put(huge)).rejects.toMatchObject({ code: 'too_large' })
  })

  test('the list leaves the content out and can be narrowed to a generation', async () => {
    await evidence().put(row)
    await evidence().put({ ...row, kind: 'events', contentType: 'application/json', takenAt: 4 })
    await evidence().put({ ...row, generation: 'bbbbbbbbbb', takenAt: 9 })
    const { content: _, ...listed } = row
    expect(await evidence().list(row.host)).toEqual([
      { ...listed, kind: 'events', contentType: 'application/json', takenAt: 4 },
      listed,
      { ...listed, generation: 'bbbbbbbbbb', takenAt: 9 },
    ])
    expect(await evidence().list(row.host, 'aaaaaaaaaa')).toHaveLength(2)
  })

  test('a host keeps its newest twelve pieces; other hosts keep theirs', async () => {
    await evidence().put({ ...row, host: 'render/00002', takenAt: 1 })
    for (let attempt = 1; attempt <= 14; attempt++)
      await evidence().put({ ...row, attempt, takenAt: attempt })
    const attempts = (await evidence().list(row.host)).map(({ attempt }) => attempt)
    expect(attempts).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    expect(await evidence().list('render/00002')).toHaveLength(1)
  })
})
