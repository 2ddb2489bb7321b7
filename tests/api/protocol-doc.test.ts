import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApi, type RunningApi } from '../../api/server.ts'
import { KEY, keepLog, KEY_SECRET, recordHost, tokenFor } from '../../api/testing.ts'
import { openStore } from '../../store/index.ts'
import type { Store } from '../../store/contract.ts'
import { startTemporalStage, type TemporalStage } from './stage.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/agent-protocol.md'), 'utf8')
/** Each call that the page marks, with the answer that stands below it. */
const examples = [...page.matchAll(/```sh run\n([^]*?)```[^]*?```json\n([^]*?)```/g)].map(
  ([, call = '', answer = '']) => ({ name: /\/v1\/[\w/]+/.exec(call)?.[0] ?? '', call, answer }),
)

let temporal: TemporalStage
let store: Store
let api: RunningApi
let env: Record<string, string>

beforeAll(async () => {
  temporal = await startTemporalStage()
  store = await openStore({ file: ':memory:' })
  const { key } = await temporal.startHost(KEY.host, 1)
  await recordHost(store, { ...key, phase: 'booting' })
  api = await startApi({
    id: 'api-doc',
    controller: 'test',
    temporal: temporal.client,
    namespace: 'default',
    store,
    enrollmentKeys: { k1: KEY_SECRET },
    identity: { privateIp: 'allow' },
    trustedProxies: [],
    heartbeatSeconds: 15,
    operatorAuth: {},
    clock: Date.now,
    log: keepLog().log,
    listen: { host: '127.0.0.1', port: 0 },
  })
  env = { MUSTER_API: api.url, TOKEN: tokenFor(key) }
})
afterAll(async () => {
  await api.close()
  await store.close()
  await temporal.stop()
})

test('the page has an example of every call of agents', () => {
  const names = new Set(examples.map(({ name }) => name))
  const calls = ['/v1/agent/started', '/v1/agent/heartbeat', '/v1/agent/drained', '/v1/hosts/status']
  expect([...names].toSorted()).toEqual(calls.toSorted())
  expect(page.match(/```sh run/g)).toHaveLength(examples.length)
})

test('every example is answered as the page says', async () => {
  for (const { name, call, answer } of examples) {
    const { stdout } = await promisify(execFile)('bash', ['-euc', call], { env: { ...process.env, ...env } })
    const given: unknown = JSON.parse(stdout)
    expect({ name, given }).toMatchObject({ name, given: JSON.parse(answer) as unknown })
  }
})
