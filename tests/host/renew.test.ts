import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import { HOST_UPDATES } from '../../domain/messages.ts'
import { agentOf, type HandAgent } from '../support/hand-agent.ts'
import { takeTableAway } from '../support/take-table-away.ts'
import { createWorld, type World } from '../support/world.ts'

const MINUTE_MS = 60_000
const EVERY_MS = 1_000
/** Nothing here is about silence: what happens to these hosts is the doing of the renewal. */
const RENEWED = {
  deadManRenewEveryMs: EVERY_MS,
  heartbeatTimeoutMs: 600_000,
  silentGraceMs: 1_200_000,
  backoff: { initialMs: 100, maxMs: 100 },
}
const asked = { by: 'test', why: 'seen' }

// One after another: all go by the clock of the same workers.
describe('a ready host whose release time is renewed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-renew-'))
  const storeFile = join(folder, 'store.sqlite')
  let world: World
  beforeAll(async () => {
    world = await createWorld({ server: 'dev', agents: 'none', storeFile })
  })
  afterAll(async () => {
    await world?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function ready(host: string): Promise<HandAgent> {
    await world.startHost(host, RENEWED)
    return await speak(host, 1)
  }

  async function speak(host: string, attempt: number): Promise<HandAgent> {
    await world.until(host, 'booting', attempt)
    const agent = await agentOf(world, host, attempt)
    expect(await agent.started()).toBe(202)
    await world.when(host, 'to watch', ({ step, current }) => step === 'watch' && current.n === attempt)
    return agent
  }

  const retire = (host: string, drain: boolean) =>
    world.handle(host).executeUpdate(HOST_UPDATES.retire, { args: [{ ...asked, drain }] })

  const renewals = () =>
    world.emulator.recorder.calls().filter(({ action }) => action === 'ModifyInstanceAutoReleaseTime').length

  async function pending(host: string): Promise<string[]> {
    const { raw } = await world.handle(host).describe()
    return (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name ?? '')
  }

  it('is kept: the time moves on with the clock, always half an hour ahead', async () => {
    const host = 'kept/00001'
    const { instance } = await ready(host)
    const first = instance.autoReleaseAtMs ?? 0
    expect(first - Date.now()).toBeGreaterThanOrEqual(30 * MINUTE_MS)
    expect(first - Date.now()).toBeLessThan(32 * MINUTE_MS)
    world.skipClock(10 * MINUTE_MS)
    await waitFor('the release time to move', () => (instance.autoReleaseAtMs ?? 0) >= first + 9 * MINUTE_MS)
    expect(instance.autoReleaseAtMs).toBeLessThan(first + 12 * MINUTE_MS)
    const before = renewals()
    await waitFor('more renewals', () => renewals() >= before + 2)
    expect(await world.state(host)).toMatchObject({ phase: 'ready', step: 'watch', current: { n: 1 } })
    await retire(host, false)
    await world.handle(host).result()
  })

  it('is replaced when its instance has vanished: the renewal finds out, long before the silence', async () => {
    const host = 'vanished/00001'
    const { instance } = await ready(host)
    world.emulator.addFault({
      match: { instanceId: instance.instanceId },
      effect: { type: 'vanish', afterSeconds: 0 },
    })
    await speak(host, 2)
    expect((await world.state(host)).attempts).toMatchObject([
      {
        outcome: 'lost',
        instanceId: instance.instanceId,
        reason: expect.stringMatching(/^the cloud knows no i-/) as string,
      },
    ])
    await retire(host, false)
    await world.handle(host).result()
    expect(world.live.most(host)).toBe(1)
  })

  it('is renewed while it is silent, too: an outage of ours takes no instance', async () => {
    const host = 'silent/00001'
    await world.startHost(host, { ...RENEWED, heartbeatTimeoutMs: 1_500, silentGraceMs: 600_000 })
    const agent = await speak(host, 1)
    await world.when(host, 'to be in its grace', ({ step }) => step === 'grace')
    const before = renewals()
    await waitFor('more renewals', () => renewals() >= before + 2)
    const { current } = await world.state(host)
    expect(current.renewAt).toBeGreaterThan(Date.now() - EVERY_MS)
    await waitFor('to be heard', async () => {
      await agent.beat()
      return (await world.state(host)).phase === 'ready'
    })
    await retire(host, false)
    await world.handle(host).result()
  })

  it.each(['inspect', 'judge'] as const)(
    'is renewed while it is silent and its %s waits for a store that is away',
    async (step) => {
      const host = `${step}/00001`
      await world.startHost(host, { ...RENEWED, heartbeatTimeoutMs: 1_500, silentGraceMs: 2_500 })
      await speak(host, 1)
      if (step === 'judge') await world.when(host, 'to be in its grace', (state) => state.step === 'grace')
      const bringBack = takeTableAway(storeFile, 'hosts')
      try {
        await world.when(host, `to wait for its ${step}`, (state) => state.step === step)
        const before = renewals()
        await waitFor('more renewals', () => renewals() >= before + 2)
        expect((await world.state(host)).step).toBe(step)
      } finally {
        bringBack()
      }
      await world.when(host, 'to go on', (state) => state.step !== step)
      await retire(host, false)
      await world.handle(host).result()
    },
  )

  it('is renewed while it drains, and no more once it has, not even by a call that was under way', async () => {
    const host = 'retired/00001'
    const agent = await ready(host)
    await retire(host, true)
    await world.when(host, 'to wait until drained', ({ step }) => step === 'awaitDrained')
    const draining = renewals()
    await waitFor('more renewals', () => renewals() >= draining + 2)
    const { id } = world.emulator.addFault({
      action: 'ModifyInstanceAutoReleaseTime',
      effect: { type: 'hang', when: 'before' },
    })
    const before = renewals()
    await waitFor(
      'a renewal to hang',
      async () => renewals() > before && (await pending(host)).includes('renewDeadMan'),
    )
    await agent.drained()
    await world.handle(host).result()
    world.emulator.cloud.faults.remove(id)
    const after = renewals()
    const at = Date.now()
    await waitFor('time for two renewals', () => Date.now() > at + 2.5 * EVERY_MS)
    expect(renewals()).toBe(after)
    expect(world.instances()).toEqual([])
    const { events } = await world.handle(host).fetchHistory()
    const timers = new Set(events?.flatMap((event) => event.timerStartedEventAttributes?.timerId ?? []))
    for (const event of events ?? []) {
      timers.delete(event.timerFiredEventAttributes?.timerId ?? '')
      timers.delete(event.timerCanceledEventAttributes?.timerId ?? '')
    }
    expect([...timers], 'timers left running').toEqual([])
  })
})
