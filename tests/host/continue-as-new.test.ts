import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentOf } from '../support/hand-agent.ts'
import { createWorld, type World } from '../support/world.ts'
import { waitFor } from '../../cli/wait-for.ts'
import type { HostState } from '../../domain/host/types.ts'
import { hostWorkflowId } from '../../domain/ids.ts'
import { HOST_SIGNALS, HOST_UPDATES } from '../../domain/messages.ts'

const runId = async (world: World, host: string) => (await world.handle(host).describe()).runId

async function nextRun(world: World, host: string, before: string, timeoutMs = 30_000): Promise<string> {
  return await waitFor(
    `${host} to go on as a new run`,
    async () => {
      const now = await runId(world, host)
      return now !== before && now
    },
    { timeoutMs },
  )
}

async function retire(world: World, host: string): Promise<void> {
  await world.handle(host).executeUpdate(HOST_UPDATES.retire, {
    args: [{ by: 'test', why: 'seen', drain: false }],
  })
  await world.handle(host).result()
  expect(world.instances().filter((instance) => instance.host === host)).toEqual([])
  expect(world.live.most(host)).toBe(1)
}

/** What a new run must know as the old one did. */
const lasting = ({ generation, current, attempts, readyAt, specHash, liveness, failures }: HostState) => ({
  generation,
  current,
  attempts,
  readyAt,
  specHash,
  liveness,
  failures,
})

/** Of servers that suggest a new run early, that never do, and whose time can be skipped. */
let early: World, late: World, skipping: World
beforeAll(async () => {
  ;[early, late, skipping] = await Promise.all([
    createWorld({ server: 'dev', agents: 'none', suggestNewRunAfter: 120 }),
    createWorld({ server: 'dev', agents: 'mute', cloudGridMs: 50 }),
    createWorld({ server: 'skip', agents: 'none', cloudGridMs: 10 }),
  ])
})
afterAll(() => Promise.all([early, late, skipping].map((world) => world?.close())))

describe.concurrent('continue-as-new', () => {
  it('of a long history happens in ready: the state is carried, the watch is opened again, no beat is lost', async () => {
    const world = early
    const host = 'busy/00001'
    await world.startHost(host, { heartbeatTimeoutMs: 5_000 })
    await world.until(host, 'booting')
    const agent = await agentOf(world, host)
    await agent.started()
    const before = await world.when(host, 'to watch', ({ step }) => step === 'watch')
    const first = await runId(world, host)
    const answers = new Set<number>()
    for (let sent = 0; (await runId(world, host)) === first && sent < 200; sent++) {
      const stale = { generation: before.generation, attempt: 0 }
      await world.handle(host).signal(HOST_SIGNALS.heard, stale)
      answers.add((await agent.beat()).status)
    }
    expect(await runId(world, host)).not.toBe(first)
    const after = await world.when(host, 'to watch', ({ step }) => step === 'watch')
    expect(lasting(after)).toEqual(lasting(before))
    const id = `agent-${before.generation}-1`
    await waitFor('the watch', async () => {
      const { raw } = await world.handle(host).describe()
      return (
        raw.pendingActivities?.some(
          ({ activityId, lastHeartbeatTime }) => activityId === id && lastHeartbeatTime,
        ) || (await agent.beat(), undefined)
      )
    })
    expect([...answers]).toEqual([200])
    await retire(world, host)
  })

  it('of a long history happens while a silence is judged again and again, and the host is not forgotten', async () => {
    const world = early
    const hosts = ['outage/00001', 'outage/00002']
    const agents = await Promise.all(
      hosts.map(async (host) => {
        await world.startHost(host, { heartbeatTimeoutMs: 1_500, silentGraceMs: 4_000 })
        await world.until(host, 'booting')
        const agent = await agentOf(world, host)
        await agent.started()
        return agent
      }),
    )
    const [host = ''] = hosts
    const spared = await world.when(host, 'to be spared', ({ step }) => step === 'judgePause')
    const first = await runId(world, host)
    for (let round = 0; (await runId(world, host)) === first && round < 20; round++) {
      const { stepNo } = await world.when(host, 'to be spared', ({ step }) => step === 'judgePause')
      await world.skipHost(host, 61_000)
      await world.when(host, 'to be judged again', (now) => now.step === 'judgePause' && now.stepNo > stepNo)
    }
    expect(await runId(world, host)).not.toBe(first)
    const still = await world.state(host)
    expect(still).toMatchObject({ phase: 'silent', silentSince: spared.silentSince })
    for (const agent of agents) agent.keepBeating()
    const heard = await world.until(host, 'ready')
    expect(heard.current.instanceId).toBe(spared.current.instanceId)
    for (const agent of agents) agent.stopBeating()
    await Promise.all(hosts.map((one) => retire(world, one)))
  })

  it('of a long history happens between the launches of a host that waits for a mended account', async () => {
    const world = early
    const host = 'poor/00001'
    const effect = { type: 'error', code: 'Forbidden.RAM', httpStatus: 403 } as const
    const { id } = world.emulator.addFault({ action: 'RunInstances', match: { host }, effect })
    await world.startHost(host)
    await world.until(host, 'waiting')
    const first = await runId(world, host)
    for (let round = 0; (await runId(world, host)) === first && round < 20; round++) {
      const { current } = await world.until(host, 'waiting')
      await world.skipHost(host, 601_000)
      await world.when(
        host,
        'to wait again',
        (now) => now.phase === 'waiting' && now.current.launch > current.launch,
      )
    }
    expect(await runId(world, host)).not.toBe(first)
    world.emulator.cloud.faults.remove(id)
    const waiting = await world.until(host, 'waiting')
    await world.skipHost(host, 601_000)
    const booting = await world.until(host, 'booting')
    expect(booting.current).toMatchObject({ n: 1, launch: waiting.current.launch })
    const sent = world.launches(host).map(({ parameters }) => parameters['ClientToken'])
    expect(new Set(sent).size).toBe(sent.length)
    await retire(world, host)
  })

  it('happens after twenty attempts, with their story and numbers', async () => {
    const world = late
    const host = 'restless/00001'
    await world.startHost(host)
    const first = await runId(world, host)
    for (let attempt = 1; attempt <= 20; attempt++) {
      await world.until(host, 'booting', attempt)
      await world.handle(host).executeUpdate(HOST_UPDATES.replace, {
        args: [{ by: 'test', why: `number ${attempt}`, drain: false }],
      })
    }
    await nextRun(world, host, first)
    const state = await world.until(host, 'booting', 21)
    expect(state.attempts.map(({ n, outcome }) => `${n} ${outcome}`)).toEqual(
      Array.from({ length: 20 }, (_, i) => `${i + 1} replaced`),
    )
    await retire(world, host)
    const generations = new Set(
      (await world.store.journal.list({ host, limit: 1000 })).map((row) => row.generation),
    )
    expect([...generations]).toEqual([state.generation])
    expect(await world.journal(host)).toHaveLength((await world.store.hosts.get(host))?.seq ?? 0)
  })

  it('with a boot under way arms the deadline from the recorded instant, not anew', async () => {
    const world = late
    const host = 'carried/00001'
    await world.startHost(host, { bootTimeoutMs: 8_000 })
    const old = await world.when(host, 'to wait for started', ({ step }) => step === 'awaitStarted')
    await world.handle(host).terminate('its state goes on elsewhere')
    const passed = (old.current.launchedAt ?? 0) + 5_000
    await waitFor('most of the boot timeout to pass', () => Date.now() > passed)
    const carried = JSON.parse(JSON.stringify(old)) as HostState
    await world.startHost(host, { bootTimeoutMs: 8_000 }, { carried })
    const next = await world.when(host, 'to be in attempt 2', ({ current }) => current.n === 2)
    const [mute] = next.attempts
    expect(mute).toMatchObject({ outcome: 'mute', instanceId: old.current.instanceId })
    const lived = (mute?.deletedAt ?? 0) - (mute?.launchedAt ?? 0)
    expect(lived).toBeGreaterThanOrEqual(8_000)
    // However late all this was done: what was left of the boot timeout was armed, not the whole.
    const [armed] = await timersOf(world, host)
    expect(armed).toBeLessThanOrEqual(8_000 - 5_000)
    await retire(world, host)
  })

  it('ends the run of a ready host every day, and the next one goes on with the same instance', async () => {
    const world = skipping
    const host = 'daily/00001'
    await world.startHost(host)
    await world.when(host, 'to wait for started', ({ step }) => step === 'awaitStarted')
    const agent = await agentOf(world, host)
    expect(await agent.status(2)).toBe(202)
    const before = await world.until(host, 'ready')
    const first = await runId(world, host)
    await world.skipTo((before.readyAt ?? 0) + 23 * 3_600_000)
    expect(await runId(world, host)).toBe(first)
    await world.skipTo((before.readyAt ?? 0) + 26.2 * 3_600_000)
    await nextRun(world, host, first)
    const after = await world.when(host, 'to watch', ({ step }) => step === 'watch')
    expect(lasting(after)).toEqual(lasting(before))
    expect(hostWorkflowId(host)).toBe(world.handle(host).workflowId)
    await retire(world, host)
  })
})

/** How long the timers of the present run were set for, ms, in their order. */
async function timersOf(world: World, host: string): Promise<number[]> {
  const { events } = await world.handle(host).fetchHistory()
  return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) => {
    const { seconds, nanos } = timer?.startToFireTimeout ?? {}
    return timer ? [Number(seconds ?? 0) * 1_000 + (nanos ?? 0) / 1e6] : []
  })
}
