import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { LAUNCH_WORDS } from '../../domain/host/launch-words.ts'
import { HOST_UPDATES } from '../../domain/messages.ts'
import type { FaultInput } from '../../emulator/index.ts'
import { waitFor } from '../../cli/wait-for.ts'

const CAPACITY_NOTE_MS = 3 * 60_000
/** A place without stock is remembered for 10 min, and as often refused for another 10. */
const NOTES_FORGOTTEN_MS = 21 * 60_000
const TYPE = 'ecs.c7.large'

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

  it('a spec the cloud refuses is not sent again and again', async () => {
    refuse(4, { type: 'error', code: 'InvalidImageId.NotFound', httpStatus: 404 }, 2)
    const host = await world.startHost(4)
    const first = await world.until(host, 'waiting')
    expect(first.waitReason).toMatch(/the request was refused \(InvalidImageId.NotFound\)/)
    await skip(host, 61_000)
    const second = await world.when(
      host,
      'to wait again',
      ({ current, phase }) => phase === 'waiting' && current.launch === 3,
    )
    expect((second.waitUntil ?? 0) - (first.waitUntil ?? 0)).toBeGreaterThanOrEqual(120_000)
    expect(sent(host)).toHaveLength(2)
    await retire(host)
  })

  it('incident 19: a throttled minute is waited out by all, with the same tokens', async () => {
    const hosts = ['render/00005', 'render/00006', 'render/00007']
    const effect = { type: 'throttle', retryAfterMs: 2_000 } as const
    const { id } = world.emulator.addFault({ action: 'RunInstances', effect })
    await Promise.all(hosts.map((host) => world.startHost(host)))
    await waitFor('the first refusal', () => hosts.some((host) => sent(host).length > 0))
    const throttledAt = Date.now()
    await waitFor('two seconds to pass', () => Date.now() > throttledAt + 1_900)
    const during = hosts.flatMap(sent).length
    expect(during, 'one refusal stops all').toBeLessThanOrEqual(hosts.length)
    for (const host of hosts) {
      await waitFor(`${host} to say why`, async () => {
        const row = await world.store.hosts.get(host)
        return row?.phase === 'launching' && row.reason === LAUNCH_WORDS.again('Throttling.User', false)
      })
    }
    world.emulator.cloud.faults.remove(id)
    await Promise.all(hosts.map((host) => world.until(host, 'ready', 1, 40_000)))
    for (const host of hosts) expect(await world.store.hosts.get(host)).toMatchObject({ reason: '' })
    for (const host of hosts) {
      expect(new Set(sent(host).map((parameters) => parameters['ClientToken'])).size).toBe(1)
      expect(sent(host).length).toBeLessThanOrEqual(2)
      expect(world.live.made(host)).toBe(1)
    }
    for (const host of hosts)
      await world.handle(host).executeUpdate(HOST_UPDATES.retire, {
        args: [{ by: 'test', why: 'seen', drain: false }],
      })
    await Promise.all(hosts.map((host) => world.handle(host).result()))
  })
})
