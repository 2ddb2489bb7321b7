import { expect, test } from 'vitest'
import { bearer, DEV_TOKEN, sessionCookie, stageApi } from './testing.ts'
import type { Stage } from './testing.ts'
import { sha256Hex } from '../store/token-crypto.ts'

const VIEWER = 'viewer-token'
const HOST = 'muster.local'
/** Agents show tokens of their own; logging in and out needs no role. */
const OTHERS = /^\/v1\/(agent\/|hosts\/status$)|^\/log(in|out)$/

const FORM = {
  'content-type': 'application/x-www-form-urlencoded',
  host: HOST,
  origin: `http://${HOST}`,
}
async function stage(): Promise<Stage> {
  const api = await stageApi()
  await api.store.tokens.add({ hash: sha256Hex(VIEWER), name: 'viewer', role: 'viewer', createdAt: 1 })
  return api
}

/** Every address that takes a post of people, with values for its parameters. */
function posts({ app }: Stage): string[] {
  const paths = app.routes.filter(({ method }) => method === 'POST').map(({ path }) => path)
  const named = paths.map((path) => path.replaceAll(/:id\b|:slot\b/g, '1').replaceAll(/:\w+/g, 'render'))
  return [...new Set(named)].filter((path) => !OTHERS.test(path))
}

const isForm = (path: string): boolean => !path.startsWith('/v1/')

/** A body that every one of them would take, if only the right person sent it. */
const fields = { form: 'guess', key: '00000000-0000-4000-8000-000000000000', why: 'to see' }
const bodyOf = (path: string): string =>
  isForm(path) ? new URLSearchParams(fields).toString() : JSON.stringify({ why: 'to see' })

const cases: [string, (api: Stage) => Record<string, string>, number[]][] = [
  ['nobody', () => ({}), [401]],
  ['a guessed token', () => bearer('guess'), [401, 429]],
  ['a viewer’s token', () => bearer(VIEWER), [403]],
  ['a viewer’s session', (api) => sessionCookie(api, VIEWER), [403]],
  ['a token in place of a session', () => ({ cookie: `muster_session=${DEV_TOKEN}` }), [401]],
  [
    'an operator’s session from another site',
    (api) => ({ ...sessionCookie(api, DEV_TOKEN), origin: 'http://evil.example' }),
    [403],
  ],
  ['an operator’s session from nowhere', (api) => ({ ...sessionCookie(api, DEV_TOKEN), origin: '' }), [403]],
]

test.each(cases)('no post of people takes anything from %s', async (_who, headersOf, expected) => {
  const api = await stage()
  const headers = headersOf(api)
  const paths = posts(api)
  expect(paths.length).toBeGreaterThan(30)
  for (const path of paths) {
    const base = isForm(path) ? FORM : { host: HOST, origin: FORM.origin }
    const { status } = await api.ask(path, { body: bodyOf(path), headers: { ...base, ...headers } })
    expect([path, expected.includes(status) ? 'refused' : status]).toEqual([path, 'refused'])
  }
  expect(await api.store.audit.list({})).toEqual([])
})

test('no form takes an operator’s token, nor a session without its form token', async () => {
  const api = await stage()
  for (const path of posts(api).filter(isForm)) {
    for (const headers of [bearer(DEV_TOKEN), sessionCookie(api, DEV_TOKEN)]) {
      const { status } = await api.ask(path, { body: bodyOf(path), headers: { ...FORM, ...headers } })
      expect([path, status]).toEqual([path, 403])
    }
  }
  expect(await api.store.audit.list({})).toEqual([])
})
