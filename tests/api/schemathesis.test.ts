import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApi, type RunningApi } from '../../api/server.ts'
import { DEV_TOKEN, KEY, keepLog, KEY_SECRET, recordHost, SPEC, tokenFor } from '../../api/testing.ts'
import { openStore } from '../../store/index.ts'
import type { Store } from '../../store/contract.ts'
import { startTemporalStage, type TemporalStage } from './stage.ts'

const command = process.env['MUSTER_SCHEMATHESIS']
const isDeep = Boolean(process.env['MUSTER_DEEP'])
/** Of all runs together. */
const WANTED = isDeep ? 10_000 : 600
/** Random ones of each operation and run, beside those that its limits lead to. */
const EXAMPLES = isDeep ? 300 : 8
/** So that a failure can be had again. */
const SEED = 2026

let temporal: TemporalStage
let store: Store
let api: RunningApi
let agentToken: string
const folder = mkdtempSync(join(tmpdir(), 'muster-schemathesis-'))
const kept = keepLog()

describe.skipIf(!command)('requests made from the description', () => {
  beforeAll(async () => {
    temporal = await startTemporalStage()
    store = await openStore({ file: ':memory:' })
    await fill()
    api = await startApi({
      id: 'api-schemathesis',
      controller: 'test',
      temporal: temporal.client,
      namespace: 'default',
      store,
      enrollmentKeys: { k1: KEY_SECRET },
      identity: { privateIp: 'allow' },
      trustedProxies: [],
      heartbeatSeconds: 15,
      operatorAuth: { devToken: DEV_TOKEN },
      // One agent that posts as fast as it can is not what is looked at here.
      agentRate: { perSecond: 10_000, burst: 10_000 },
      clock: Date.now,
      log: kept.log,
      listen: { host: '127.0.0.1', port: 0 },
    })
  })
  afterAll(async () => {
    await api.close()
    await store.close()
    await temporal.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test(
    `${WANTED} of them are answered as the description says, and none by a fault of ours`,
    async () => {
      const runs = [
        await attack(['--exclude-tag', 'agent', ...bearer(DEV_TOKEN)]),
        await attack(['--include-tag', 'agent', ...bearer(agentToken)]),
        await attack([]),
      ]
      const made = runs.reduce((sum, requests) => sum + requests, 0)
      expect(made).toBeGreaterThanOrEqual(WANTED)
      expect(kept.lines.filter(({ level }) => level === 'error')).toEqual([])
    },
    isDeep ? 1_800_000 : 110_000,
  )
})

const bearer = (token: string): string[] => ['--header', `Authorization: Bearer ${token}`]

/** The fleet and the host of the description's examples exist: some requests get through to a workflow. */
async function fill(): Promise<void> {
  await temporal.startFleet('render')
  const { key } = await temporal.startHost(KEY.host, 1)
  agentToken = tokenFor(key)
  await recordHost(store, { ...key, phase: 'ready' })
  const specHash = await store.specs.put(SPEC, Date.now())
  const row = { name: 'render', desired: 3, paused: false, specHash, note: 'begins', seq: 1 }
  await store.fleets.record({ ...row, slots: [[1, 3]], updatedAt: Date.now() })
}

/** @returns how many requests were made */
async function attack(args: string[]): Promise<number> {
  const { code, said } = await run([
    'run',
    `${api.url}/openapi.json`,
    '--checks',
    'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance',
    '--max-examples',
    String(EXAMPLES),
    '--seed',
    String(SEED),
    '--request-timeout',
    '20',
    '--continue-on-failure',
    ...args,
  ])
  expect({ code, said }).toEqual({ code: 0, said })
  const [, generated = '0'] = /(\d+) generated/.exec(said) ?? []
  return Number(generated)
}

function run(args: string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, NO_COLOR: '1' } }
    execFile(command ?? '', args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? 1)
      resolve({ code, said: `${stdout}\n${stderr}` })
    })
  })
}
