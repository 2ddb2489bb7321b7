import { describe, expect, test } from 'vitest'
import { bearer, sessionCookie, stageApi } from '../testing.ts'
import type { Stage } from '../testing.ts'
import { sha256Hex } from '../../store/token-crypto.ts'
import { createSessions, SESSION_SECONDS } from './sessions.ts'

const TOKEN = 'a-token-of-ann'
const KEYS = { k1: 'the first secret, long enough' }
const NOW = 1_700_000_000_000

const sessionsOf = (enrollmentKeys: Record<string, string>, now = NOW) =>
  createSessions({ enrollmentKeys, clock: () => now })

describe('a session', () => {
  const session = sessionsOf(KEYS).issue(TOKEN)

  test('tells the hash of its token, and holds neither token nor secret', () => {
    expect(sessionsOf(KEYS).read(session)).toBe(sha256Hex(TOKEN))
    expect(session).not.toContain(TOKEN)
    expect(session).not.toContain(KEYS.k1)
  })

  test('ends after a working day', () => {
    const end = NOW + SESSION_SECONDS * 1_000
    expect(sessionsOf(KEYS, end - 1).read(session)).toBe(sha256Hex(TOKEN))
    expect(sessionsOf(KEYS, end).read(session)).toBeUndefined()
  })

  test('is read while its key is changed, and not after it is dropped', () => {
    expect(sessionsOf({ k2: 'the next secret', ...KEYS }).read(session)).toBe(sha256Hex(TOKEN))
    expect(sessionsOf({ k2: 'the next secret' }).read(session)).toBeUndefined()
    expect(sessionsOf({}).read(sessionsOf({}).issue(TOKEN))).toBeUndefined()
  })

  const [hash = '', end = '', signature = ''] = session.split('.')
  test.each([
    ['another token', [sha256Hex('another'), end, signature]],
    ['a later end', [hash, String(Number(end) + 1), signature]],
    ['no signature', [hash, end, '']],
    ['a changed signature', [hash, end, signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))]],
    ['an odd end', [hash, `${end} `, signature]],
    ['nothing else', [TOKEN]],
  ])('with %s is forged', (_what, parts) => {
    expect(sessionsOf(KEYS).read(parts.join('.'))).toBeUndefined()
  })
})

describe('at the API', () => {
  async function stage(role: 'viewer' | 'operator' = 'operator', clock = { now: NOW }): Promise<Stage> {
    const api = await stageApi({ clock: () => clock.now })
    await api.store.tokens.add({ hash: sha256Hex(TOKEN), name: 'ann', role, createdAt: 1 })
    return api
  }
  const open = async (api: Stage, cookie: string) => await api.ask('/', { headers: { cookie } })

  test('works with every process that has the keys', async () => {
    const api = await stage()
    const { cookie } = sessionCookie(api, TOKEN)
    const restarted = await stageApi({ store: api.store, clock: () => NOW + 60_000 })
    expect(await (await open(restarted, cookie)).text()).toContain('ann (operator)')
  })

  test('ends with its token', async () => {
    const clock = { now: NOW }
    const api = await stage('operator', clock)
    const { cookie } = sessionCookie(api, TOKEN)
    expect((await open(api, cookie)).status).toBe(200)
    await api.store.tokens.remove('ann')
    clock.now += 10_000
    const response = await open(api, cookie)
    expect(response.status).toBe(401)
    expect(await response.text()).toContain('this session is over')
  })

  test('is over after its day, though the browser still sends it', async () => {
    const clock = { now: NOW }
    const api = await stage('operator', clock)
    const { cookie } = sessionCookie(api, TOKEN)
    clock.now += SESSION_SECONDS * 1_000
    expect((await open(api, cookie)).status).toBe(401)
  })

  test('of a viewer stays a viewer’s', async () => {
    const api = await stage('viewer')
    const headers = { ...sessionCookie(api, TOKEN), host: 'muster.local', origin: 'http://muster.local' }
    const posted = await api.ask('/v1/fleets/render/pause', { headers, body: { why: 'x' } })
    expect(posted.status).toBe(403)
  })

  test('is no bearer token', async () => {
    const api = await stage()
    const [, session = ''] = sessionCookie(api, TOKEN).cookie.split('=')
    expect((await api.ask('/v1/fleets', { headers: bearer(session) })).status).toBe(401)
  })

  test('that is old locks nobody out of logging in', async () => {
    const api = await stage()
    for (let n = 0; n < 50; n += 1) expect((await open(api, `muster_session=old-${n}`)).status).toBe(401)
  })
})
