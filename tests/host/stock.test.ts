import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { emulatedSpec } from '../support/emulated-spec.ts'
import { createWorld, type World } from '../support/world.ts'
import { hostId } from '../../domain/ids.ts'
import { LAUNCH_WORDS } from '../../domain/host/launch-words.ts'
import { HOST_UPDATES } from '../../domain/messages.ts'
import type { FaultInput } from '../../emulator/index.ts'
import { waitFor } from '../../cli/wait-for.ts'

const CAPACITY_NOTE_MS = 3 * 60_000
/** A place without stock is remembered for 10 min, and as often refused for another 10. */
const NOTES_FORGOTTEN_MS = 21 * 60_000
const TYPE = 'ecs.c7.large'
/** Stands for the rest of a minute, which the cloud need not name. */
const THROTTLED_MS = 6_000
/** Throttled hosts come back over this long. */
const SPREAD_MS = 20_000
/** What a busy machine may add. */
const LATE_MS = 15_000

// One after another: what one host learns of a zone all hosts of the region know.
describe('want of stock and other refusals', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ server: 'dev' })
  })
  afterAll(() => world?.close())

  afterEach(() => {
    stock(['h', 'i'], 100)
    world.emulator.cloud.faults.clear()
    world.skipClock(NOTES_FORGOTTEN_MS)
  })

  const stock = (letters: string[], available: number) =>
    world.emulator.seed({
      stock: letters.map((letter) => ({ zoneId: `cn-hangzhou-${letter}`, instanceType: TYPE, available })),
    })
  const sent = (host: string) => world.launches(host).map(({ parameters }) => parameters)
  const refuse = (slot: number, effect: FaultInput['effect'], count: number) =>
    world.emulator.addFault({
      action: 'RunInstances',
      match: { host: `render/0000${slot}` },
      count,
      effect,
    })

  /** Workflow and wall clock together: the notes about stock are kept by the wall clock. */
  async function skip(host: string, ms: number): Promise<void> {
    world.skipClock(ms)
    await world.skipHost(host, ms)
  }

  async function retire(host: string): Promise<void> {
    await world.handle(host).executeUpdate(HOST_UPDATES.retire, {
      args: [{ by: 'test', why: 'seen', drain: false }],
    })
    await world.handle(host).result()
    expect(world.instances()).toEqual([])
    expect(world.live.most(host)).toBeLessThanOrEqual(1)
  }

  it('a zone without stock is followed by the next one, with a token and a deadline of its own', async () => {
    stock(['h'], 0)
    const host = await world.startHost(1)
    const ready = await world.until(host, 'ready')
    expect(ready.current).toMatchObject({ n: 1, launch: 2, placement: { zone: 'cn-hangzhou-i' } })
    const [first, second] = sent(host)
    expect(second?.['ClientToken']).not.toBe(first?.['ClientToken'])
    const planned = (await world.store.journal.list({ host })).filter(({ kind }) => kind === 'planned')
    expect(planned.map(({ at }) => at)).toContain(ready.current.launchedAt)
    expect(planned).toHaveLength(2)
    expect(ready.current.bootDeadline).toBe((ready.current.launchedAt ?? 0) + 20 * 60_000)
    await retire(host)
  })

  it('with no stock anywhere a host waits, says why, and launches when there is some', async () => {
    stock(['h', 'i'], 0)
    const host = await world.startHost(2)
    const waiting = await world.until(host, 'waiting')
    expect(waiting.waitReason).toMatch(/no placement is free: .*no stock \(OperationDenied.NoStock\)/)
    expect(waiting.current).toMatchObject({ n: 1 })
    expect(waiting.current.bootDeadline, 'waiting for stock is not booting').toBeUndefined()
    expect(await world.store.hosts.get(host)).toMatchObject({ phase: 'waiting', reason: waiting.waitReason })
    const refused = sent(host).length
    await skip(host, CAPACITY_NOTE_MS + 60_000)
    await waitFor('another try', () => sent(host).length > refused)
    await world.until(host, 'waiting')
    stock(['h', 'i'], 10)
    await skip(host, 10 * 60_000 + 60_000)
    const ready = await world.until(host, 'ready')
    expect(ready).toMatchObject({ current: { n: 1 }, attempts: [], failures: 0 })
    const tokens = sent(host).map((parameters) => parameters['ClientToken'])
    expect(new Set(tokens).size).toBe(tokens.length)
    await retire(host)
  })

  it('a locked account waits for a person, and goes on when it is mended', async () => {
    refuse(3, { type: 'error', code: 'InvalidAccountStatus.NotEnoughBalance', httpStatus: 403 }, 1)
    const host = await world.startHost(3)
    const waiting = await world.until(host, 'waiting')
    expect(waiting.waitReason).toBe(
      'the account was refused (InvalidAccountStatus.NotEnoughBalance); a person must act',
    )
    expect(await world.store.hosts.get(host)).toMatchObject({ phase: 'waiting', reason: waiting.waitReason })
    expect(sent(host)).toHaveLength(1)
    await skip(host, 61_000)
    const ready = await world.until(host, 'ready')
    expect(ready).toMatchObject({ current: { n: 1, launch: 2 }, attempts: [] })
    await retire(host)
  })

  it('a spec the cloud refuses is sent once for each of its places, and then not again and again', async () => {
    const places = emulatedSpec().placements.length
    refuse(4, { type: 'error', code: 'InvalidImageId.NotFound', httpStatus: 404 }, places + 1)
    const host = await world.startHost(4)
    const first = await world.until(host, 'waiting')
    expect(sent(host)).toHaveLength(places)
    expect(first.waitReason).toMatch(/the request was refused \(InvalidImageId.NotFound\)/)
    await skip(host, 61_000)
    const second = await world.when(
      host,
      'to wait again',
      ({ current, phase }) => phase === 'waiting' && current.launch === places + 2,
    )
    expect((second.waitUntil ?? 0) - (first.waitUntil ?? 0)).toBeGreaterThanOrEqual(120_000)
    expect(sent(host)).toHaveLength(places + 1)
    await retire(host)
  })

  it('incident 19: a throttled minute is waited out by all, with the same tokens', async () => {
    const [first = '', ...others] = Array.from({ length: 12 }, (_, i) => hostId('render', 5 + i))
    const hosts = [first, ...others]
    // The cloud would take the next call: whoever sends one before the time is over is seen.
    const effect = { type: 'throttle', retryAfterMs: THROTTLED_MS } as const
    world.emulator.addFault({ action: 'RunInstances', effect, count: 1 })
    await world.startHost(first)
    const [refusal] = await waitFor(
      'the refusal',
      () => world.launches(first).length > 0 && world.launches(first),
    )
    await Promise.all(others.map((host) => world.startHost(host)))
    await Promise.all(
      hosts.map((host) =>
        waitFor(`${host} to say why`, async () => {
          const row = await world.store.hosts.get(host)
          return row?.phase === 'launching' && row.reason === LAUNCH_WORDS.again('Throttling.User', false)
        }),
      ),
    )
    await Promise.all(hosts.map((host) => world.until(host, 'ready', 1, 60_000)))
    for (const host of hosts) {
      // The row of a ready host is written by the activity that makes it so, a moment after its state.
      const row = await waitFor(`the row of ${host} to be that of a ready one`, async () => {
        const now = await world.store.hosts.get(host)
        return now?.phase === 'ready' && now
      })
      expect(row).toMatchObject({ reason: '' })
    }

    const calls = hosts.flatMap((host) => world.launches(host))
    expect(calls.filter(({ outcome }) => outcome !== 'OK')).toEqual([refusal])
    const openAt = Date.parse(refusal?.at ?? '') + THROTTLED_MS
    const waited = calls.filter((call) => call !== refusal).map(({ at }) => Date.parse(at) - openAt)
    expect(waited, 'one refusal stops all, and each asks once more').toHaveLength(hosts.length)
    expect(Math.min(...waited), 'nobody asks before the time is over').toBeGreaterThanOrEqual(0)
    expect(Math.max(...waited)).toBeLessThan(SPREAD_MS + LATE_MS)
    // Twelve places drawn from 20 s lie within 5 s of each other once in 300,000 times.
    expect(Math.max(...waited) - Math.min(...waited), 'they come spread').toBeGreaterThan(SPREAD_MS / 4)
    for (const host of hosts) {
      expect(new Set(sent(host).map((parameters) => parameters['ClientToken'])).size).toBe(1)
      expect(world.live.made(host)).toBe(1)
    }
    expect(new Set(calls.map(({ parameters }) => parameters['ClientToken'])).size).toBe(hosts.length)
    for (const host of hosts)
      await world.handle(host).executeUpdate(HOST_UPDATES.retire, {
        args: [{ by: 'test', why: 'seen', drain: false }],
      })
    await Promise.all(hosts.map((host) => world.handle(host).result()))
  })
})
