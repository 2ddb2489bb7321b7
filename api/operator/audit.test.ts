import { expect, test } from 'vitest'
import { bearer, DEV_TOKEN, stageApi } from '../testing.ts'
import type { Stage } from '../testing.ts'
import type { AuditPage } from './audit.ts'

const EVIL = '<script>alert("x")</script>'
const AT = Date.parse('2027-01-15T08:00:00Z')

/** Five resizes by anna, then what a sweep has done. */
async function stageAudit(): Promise<Stage> {
  const api = await stageApi({ clock: () => AT })
  for (let size = 1; size <= 5; size += 1) {
    await api.store.audit.add({
      at: AT - (10 - size) * 60_000,
      who: 'anna',
      what: `resize to ${size}`,
      target: 'fleet render',
      why: EVIL,
      requestId: `r-${size}`,
    })
  }
  await api.store.audit.add({
    at: AT,
    who: 'sweep',
    what: 'delete i-1',
    target: 'host render/00001',
    why: 'unclaimed',
  })
  return api
}

async function list(api: Stage, query = ''): Promise<AuditPage> {
  const answer = await api.ask(`/v1/audit${query}`, { headers: bearer(DEV_TOKEN) })
  expect(answer.status).toBe(200)
  return (await answer.json()) as AuditPage
}

const words = ({ entries }: AuditPage): string[] => entries.map(({ what }) => what)

test('the newest comes first, with who and why', async () => {
  const api = await stageAudit()
  const { entries, next } = await list(api, '?limit=2')
  expect(entries).toEqual([
    {
      id: 6,
      at: '2027-01-15T08:00:00.000Z',
      who: 'sweep',
      what: 'delete i-1',
      target: 'host render/00001',
      why: 'unclaimed',
    },
    {
      id: 5,
      at: '2027-01-15T07:55:00.000Z',
      who: 'anna',
      what: 'resize to 5',
      target: 'fleet render',
      why: EVIL,
      requestId: 'r-5',
    },
  ])
  expect(next).toBe(5)
})

test('pages follow each other without a gap, and the last has no next', async () => {
  const api = await stageAudit()
  const first = await list(api, '?limit=4')
  const second = await list(api, `?limit=4&before=${first.next}`)
  expect([...words(first), ...words(second)]).toEqual([
    'delete i-1',
    ...[5, 4, 3, 2, 1].map((size) => `resize to ${size}`),
  ])
  expect(second.next).toBeUndefined()
})

test('what it was about and who did it narrow it', async () => {
  const api = await stageAudit()
  expect(words(await list(api, '?target=host%20render/00001'))).toEqual(['delete i-1'])
  expect(words(await list(api, '?who=anna&limit=1'))).toEqual(['resize to 5'])
  expect(words(await list(api, '?who=sweep&target=fleet%20render'))).toEqual([])
})

test.each(['?limit=0', '?before=-1', '?who=', '?colour=red'])('%s is refused', async (query) => {
  const api = await stageApi()
  const answer = await api.ask(`/v1/audit${query}`, { headers: bearer(DEV_TOKEN) })
  expect(answer.status).toBe(400)
})

test('nobody without a token sees it', async () => {
  const api = await stageApi()
  expect((await api.ask('/v1/audit')).status).toBe(401)
})

test('the page shows reasons as text, leads to older ones, and an empty filter is none', async () => {
  const api = await stageAudit()
  const headers = bearer(DEV_TOKEN)
  const page = await (await api.ask('/audit?target=&who=anna&limit=2', { headers })).text()
  expect(page).toContain('resize to 5')
  expect(page).not.toContain(EVIL)
  expect(page).toContain('&lt;script&gt;')
  expect(page).not.toContain('delete i-1')
  expect(page).toContain('href="/audit?who=anna&amp;before=4"')
  const none = await (await api.ask('/audit?who=bob', { headers })).text()
  expect(none).toContain('Nothing like that stands here.')
})
