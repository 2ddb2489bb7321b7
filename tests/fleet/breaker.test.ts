import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { HoldList, Hold } from '../../cli/client/answers.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { DEFAULT_BREAKER_RULES } from '../../domain/breaker/rules.ts'
import type { BreakerRules } from '../../domain/breaker/rules.ts'
import type { HostId } from '../../domain/ids.ts'
import type { HostSpec } from '../../domain/spec.ts'
import { askMuster, createPlace } from '../cli/muster.ts'
import { OPERATOR_TOKEN } from '../support/names.ts'
import { createWorld, type World } from '../support/world.ts'

const IMAGE = 'm-bp1linux0000000000000'
const TYPE = 'ecs.c7.large'
const RULES: BreakerRules = { ...DEFAULT_BREAKER_RULES, failures: 3 }
const COOL_DOWN_MS = RULES.coolDownMs
/** A host that a hold stops asks again within two minutes of its own time. */
const LOOKED_MS = 121_000
/** Notes about stock are forgotten by then. */
const FORGOTTEN_MS = 21 * 60_000

const inZones = (...letters: string[]): Partial<HostSpec> => ({
  placements: letters.map((letter) => ({
    zone: `cn-hangzhou-${letter}`,
    vSwitchId: `vsw-bp1default0000000000${letter}`,
    instanceType: TYPE,
  })),
  bootTimeoutMs: 3_000,
  runningTimeoutMs: 2_500,
  backoff: { initialMs: 100, maxMs: 100 },
})

// One after another: what one host learns of a place all hosts know.
describe('the breaker', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ server: 'dev', cloudGridMs: 50, visibleAfterMs: 300 })
    await world.startWorkers({ breaker: () => RULES })
  })
  afterAll(() => world?.close())

  let last = 0
  const started: HostId[] = []
  const start = async (count: number, spec: Partial<HostSpec>): Promise<HostId[]> => {
    const slots = Array.from({ length: count }, () => ++last)
    const hosts = await Promise.all(slots.map((slot) => world.startHost(slot, spec)))
    started.push(...hosts)
    return hosts
  }
  afterEach(async () => {
    world.emulator.cloud.faults.clear()
    await Promise.all(
      started.splice(0).map(async (host) => {
        await world
          .handle(host)
          .executeUpdate('retire', { args: [{ by: 'test', why: 'seen', drain: false }] })
        await world.handle(host).result()
      }),
    )
    for (const { id } of await open()) await world.store.holds.release(id, { by: 'test', why: 'next' }, 1)
    world.skipClock(FORGOTTEN_MS + 24 * 3_600_000)
    expect(world.instances()).toEqual([])
  })

  const mute = (letter: string) =>
    world.emulator.addFault({ match: { zoneId: `cn-hangzhou-${letter}` }, effect: { type: 'muteAgent' } })
  const open = () => world.store.holds.list({}, Date.now())
  const ready = (hosts: HostId[]) => Promise.all(hosts.map((host) => world.until(host, 'ready')))
  /** Zones of the launches of these hosts, in order of time. */
  const zones = (hosts: HostId[]) =>
    hosts.flatMap((host) => world.launches(host)).map(({ parameters }) => parameters['ZoneId']?.slice(-1))
  const zoneOf = ({ current }: { current: { placement?: { zone: string } } }) =>
    current.placement?.zone.slice(-1)

  it('incident 13: boots that fail in one zone open a hold there, one host a cool-down probes, success closes it', async () => {
    mute('h')
    const first = await start(4, inZones('h', 'i'))
    expect((await ready(first)).map(zoneOf), 'other zones go on').toEqual(first.map(() => 'i'))
    const [hold, ...more] = await open()
    expect(more).toEqual([])
    expect(hold).toMatchObject({ scope: 'placement', imageId: IMAGE, zone: 'cn-hangzhou-h', failedProbes: 0 })
    expect(zones(first).filter((zone) => zone === 'h')).toHaveLength(4)
    const lines = (await Promise.all(first.map((host) => world.journal(host)))).flat()
    expect(lines.filter((line) => line.includes(`opens hold ${hold?.id} on ${IMAGE}`))).toHaveLength(1)

    const during = await start(2, inZones('h', 'i'))
    await ready(during)
    expect(zones(during), 'nothing is made there before the cool-down').toEqual(['i', 'i'])

    world.skipClock(COOL_DOWN_MS)
    const second = await start(3, inZones('h', 'i'))
    await ready(second)
    expect(
      zones(second).filter((zone) => zone === 'h'),
      'one probes',
    ).toHaveLength(1)
    expect(await open()).toMatchObject([{ id: hold?.id, failedProbes: 1 }])

    world.skipClock(COOL_DOWN_MS)
    const third = await start(2, inZones('h', 'i'))
    await ready(third)
    expect(zones(third), 'the second cool-down is twice as long').toEqual(['i', 'i'])

    world.emulator.cloud.faults.clear()
    world.skipClock(COOL_DOWN_MS)
    const [probe = ''] = await start(1, inZones('h', 'i'))
    await ready([probe])
    expect(zones([probe])).toEqual(['h'])
    await waitFor('the hold to be closed', async () => (await open()).length === 0)
    expect(await world.journal(probe)).toContainEqual(
      expect.stringMatching(new RegExp(`^started: .*; closes hold ${hold?.id} on`)),
    )
    const fourth = await start(2, inZones('h', 'i'))
    await ready(fourth)
    expect(zones(fourth)).toEqual(['h', 'h'])
    const said = await world.store.audit.list({ target: `hold ${hold?.id}` })
    expect(said.map(({ who, what }) => [who, what.split(' ')[0]])).toEqual([
      ['muster', 'closes'],
      ['muster', 'the'],
      ['muster', 'opens'],
    ])
  })

  it('incident 12: with two zones dead the third is tried', async () => {
    mute('g')
    mute('h')
    const hosts = await start(3, inZones('g', 'h', 'i'))
    expect((await ready(hosts)).map(zoneOf)).toEqual(['i', 'i', 'i'])
    expect(new Set((await open()).map(({ scope, zone }) => `${scope} ${zone}`))).toEqual(
      new Set(['placement cn-hangzhou-g', 'placement cn-hangzhou-h']),
    )
    for (const host of hosts) expect(world.launches(host)).toHaveLength(3)
  })

  it('hosts that a hold stops say so, and launch again when a person releases it', async () => {
    const place = await createPlace()
    const muster = <T>(...words: string[]): Promise<T> =>
      askMuster<T>(place, [...words, '--api', world.api.url, '--token', OPERATOR_TOKEN])
    mute('h')
    const hosts = await start(3, inZones('h'))
    const waiting = await Promise.all(
      hosts.map((host) =>
        world.when(host, 'to be held', ({ waitReason }) => /is held/.test(waitReason ?? '')),
      ),
    )
    for (const { waitReason, attempts } of waiting) {
      expect(waitReason).toContain(`${IMAGE} on ${TYPE} in cn-hangzhou-h is held: 3 boots in a row failed`)
      expect(attempts).toHaveLength(1)
    }
    const rows = await Promise.all(hosts.map((host) => world.store.hosts.get(host)))
    expect(rows.map((row) => [row?.phase, row?.reason])).toEqual(
      waiting.map(({ waitReason }) => ['waiting', waitReason]),
    )
    const metrics = await (await fetch(`${world.api.url}/metrics`)).text()
    expect(metrics).toContain('muster_open_holds{scope="placement",state="open"} 1')

    const { holds } = await muster<HoldList>('holds')
    expect(holds).toMatchObject([{ state: 'open', zone: 'cn-hangzhou-h', openedBy: /attempt 1$/ }])
    world.emulator.cloud.faults.clear()
    const released = await muster<Hold>('holds', 'release', String(holds[0]?.id), '--why', 'image repaired')
    expect(released).toMatchObject({ state: 'closed', closedWhy: 'image repaired' })
    expect(await muster<HoldList>('holds', 'list')).toEqual({ holds: [] })
    await Promise.all(hosts.map((host) => world.skipHost(host, LOOKED_MS)))
    await ready(hosts)
    expect(zones(hosts)).toHaveLength(6)
  })

  it('a probe whose host is retired leaves its place to the next host', async () => {
    mute('h')
    const failed = await start(3, inZones('h', 'i'))
    await ready(failed)
    world.skipClock(COOL_DOWN_MS)
    const [probe = ''] = await start(1, { ...inZones('h', 'i'), bootTimeoutMs: 600_000 })
    await world.until(probe, 'booting')
    expect(await open()).toMatchObject([{ state: 'half-open', probe: { host: probe } }])
    await world.handle(probe).executeUpdate('retire', { args: [{ by: 'test', why: 'no longer' }] })
    await world.handle(probe).result()
    expect(await open()).toMatchObject([{ state: 'open', failedProbes: 0 }])
    world.emulator.cloud.faults.clear()
    const next = await start(1, inZones('h', 'i'))
    expect((await ready(next)).map(zoneOf)).toEqual(['h'])
    started.splice(started.indexOf(probe), 1)
  })
})
