import { expect, test } from 'vitest'
import { beatOnce } from './beat.ts'
import { createMetadataService } from './metadata.ts'
import { TERMINATION_ITEM, watchReclaim } from './reclaim.ts'
import type { Reply, Seen } from './testing/test-api.ts'
import { openTestSession } from './testing/test-session.ts'

const ITEM = `/latest/${TERMINATION_ITEM}`
const BEAT = '/v1/agent/heartbeat'

/** `item` answers the questions for the item, one after the other; beats are accepted unless `beats` says otherwise. */
async function open(item: Reply[], beats: number[] = []) {
  const reply = ({ path }: Seen): Reply =>
    path === ITEM
      ? (item.shift() ?? { status: 404 })
      : { status: beats.shift() ?? 200, body: { commands: [] } }
  const opened = await openTestSession(reply)
  return { ...opened, metadata: createMetadataService(opened.http, opened.server.url) }
}

test('the end of an instance that the cloud announces is told by beats until one is accepted', async () => {
  const announced = { status: 200, body: '2026-01-01T00:05:00Z\n' }
  const { server, session, runtime, metadata } = await open(
    [{ status: 404 }, { status: 404 }, announced],
    [503, 200, 200],
  )
  let woken = 0
  session.wake = () => (woken += 1)
  await watchReclaim(session, metadata)
  expect(runtime.slept).toEqual([10_000, 10_000])
  expect(woken, 'the beat that tells it comes at once').toBe(1)
  for (let n = 0; n < 3; n += 1) await beatOnce(session)
  const at = '2026-01-01T00:05:00.000Z'
  expect(server.of(BEAT).map(({ body }) => body['reclaimAt'])).toEqual([at, at, undefined])
})

test.each<[string, Reply]>([
  ['does not answer as it should', { status: 500 }],
  ['says something that is no time', { status: 200, body: '<html>soon</html>' }],
])('a metadata service that %s is asked again', async (_what, wrong) => {
  const { session, metadata } = await open([wrong, { status: 200, body: '2026-01-01T00:05:00Z' }])
  await watchReclaim(session, metadata)
  expect(session.reclaimAt).toBe('2026-01-01T00:05:00.000Z')
})

test('nobody asks any more once the agent ends', async () => {
  const { server, session, metadata } = await open([])
  session.endReason = 'stopped'
  await watchReclaim(session, metadata)
  expect(server.of(ITEM)).toEqual([])
})
