import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import type { HostState } from '../../domain/host/types.ts'
import { HOST_UPDATES } from '../../domain/messages.ts'
import { TAGS } from '../../domain/tags.ts'
import type { Workload } from '../../domain/wire.ts'
import { findMarked, MACHINE_MARK } from '../../emulator/machines/process/marked.ts'
import { createWorld, type World } from '../support/world.ts'

const asked = { by: 'test', why: 'to see' }
/** Nothing here is about silence, and attempts that would fail again come after the test. */
const PATIENT = { heartbeatTimeoutMs: 120_000, backoff: { initialMs: 600_000, maxMs: 600_000 } }
/** Long enough to be seen at work. */
const BROKEN: Workload = {
  command: ['sh', '-c', 'sleep 2; echo "no licence for $FEATURE" >&2; exit 7'],
  env: { FEATURE: 'rendering' },
  stopTimeoutMs: 1_000,
  restart: 'never',
}
const WORKS: Workload = { command: ['sleep', '600'], stopTimeoutMs: 1_000, restart: 'always' }
const REASON = 'the workload has failed: exit code 7, "no licence for rendering"'

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev', agents: 'process' })
})
afterAll(() => world?.close())

const update = (host: string, name: keyof typeof HOST_UPDATES, request: object = {}) =>
  world.handle(host).executeUpdate(HOST_UPDATES[name], { args: [{ ...asked, ...request }] })

async function retire(host: string): Promise<void> {
  await update(host, 'retire', { drain: false })
  await world.handle(host).result()
  expect(world.live.most(host)).toBe(1)
}

/** The agent and all that it has started. */
const processesOf = ({ current }: HostState): number[] =>
  findMarked(MACHINE_MARK, `${current.instanceId}/${current.bootId}`)

const instanceOf = ({ current }: HostState) => world.emulator.cloud.instances.get(current.instanceId ?? '')

describe.concurrent('a host with a real agent whose workload', () => {
  it('fails for good is replaced; journal and attempt say with which exit code, and what it said last', async () => {
    const backoff = { initialMs: 100, maxMs: 100 }
    const host = await world.startHost('broken/00001', { ...PATIENT, backoff, workload: BROKEN })
    const next = await world.when(
      host,
      'to have another instance',
      ({ current }) => current.n === 2 && current.instanceId !== undefined,
    )
    expect(next.attempts).toMatchObject([{ n: 1, outcome: 'failed', reason: REASON }])
    expect(await world.journal(host)).toContain(`workloadFailed: ${REASON}`)
    const console = (await world.store.evidence.list(host)).find(({ kind }) => kind === 'console')
    expect(console).toBeDefined()
    await retire(host)
  })

  it('fails for good leaves its instance to a person where failed ones are kept, and its agent ends', async () => {
    const changes = { ...PATIENT, workload: BROKEN, preserveFailedMs: 3_600_000 }
    const host = await world.startHost('kept/00001', changes)
    const first = await world.when(
      host,
      'to have started',
      ({ current }) => current.n === 1 && current.bootId !== undefined,
    )
    const next = await world.when(host, 'to be in attempt 2', ({ current }) => current.n === 2)
    expect(next.attempts).toMatchObject([{ n: 1, outcome: 'failed', reason: REASON, preserved: true }])
    expect(instanceOf(first)).toMatchObject({ status: 'Running' })
    expect(instanceOf(first)?.tags[TAGS.preserveUntil]).toBeDefined()
    await waitFor('its agent to end, told by a 410', () => processesOf(first).length === 0)
    await retire(host)
    expect(instanceOf(first)).toMatchObject({ status: 'Running', releasing: false })
  })

  it('runs on an instance that a person keeps works no more once the host has moved on', async () => {
    const host = await world.startHost('wanted/00001', { ...PATIENT, workload: WORKS })
    const ready = await world.until(host, 'ready')
    await waitFor('agent and workload', () => processesOf(ready).length >= 2)
    await update(host, 'preserve', { forMs: 3_600_000 })
    await update(host, 'replace', { drain: false })
    await world.until(host, 'ready', 2)
    await waitFor('agent and workload to end', () => processesOf(ready).length === 0)
    expect(instanceOf(ready)).toMatchObject({ status: 'Running', releasing: false })
    await retire(host)
  })

  it.each<[string, Workload]>([
    ['stopped', { ...BROKEN, command: ['true'] }],
    ['starting', { ...BROKEN, restart: 'onFailure' }],
    ['starting', { ...BROKEN, restart: 'always', command: ['/no/such/program'] }],
  ])('is %s by its own rule stays ready: %o', async (state, workload) => {
    const fleet = `stays-${workload.restart.toLowerCase()}`
    const host = await world.startHost(`${fleet}/00001`, { ...PATIENT, workload })
    await world.until(host, 'ready')
    await waitFor('beats that say so', async () => {
      const row = await world.store.hosts.get(host)
      return row?.workload === state
    })
    const seen = (await world.store.hosts.get(host))?.lastBeatAt ?? 0
    await waitFor('a later beat', async () => ((await world.store.hosts.get(host))?.lastBeatAt ?? 0) > seen)
    expect(await world.state(host)).toMatchObject({ phase: 'ready', current: { n: 1 }, attempts: [] })
    await retire(host)
  })
})
