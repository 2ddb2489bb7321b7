import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import { DEFAULT_BREAKER_RULES, type BreakerRules } from '../../domain/breaker/rules.ts'
import { hostId, type HostId } from '../../domain/ids.ts'
import type { HostSpec } from '../../domain/spec.ts'
import { catalogueSpec } from '../../emulator/testing/catalogue-spec.ts'
import { createWorld, type World } from '../support/world.ts'

/** Four boots of a fleet in a row, and places and images are held by none that happen here. */
const RULES: BreakerRules = {
  ...DEFAULT_BREAKER_RULES,
  failures: 1_000,
  image: { failures: 1_000, places: 50 },
  fleet: { failures: 4 },
}
/** A host that a hold stops asks again within two minutes of its own time. */
const LOOKED_MS = 121_000
const MUTE_ZONES = ['cn-hangzhou-g', 'cn-hangzhou-h']

const QUICK: Partial<HostSpec> = {
  bootTimeoutMs: 3_000,
  runningTimeoutMs: 2_500,
  backoff: { initialMs: 100, maxMs: 100 },
}
const inZone = (zone: 'g' | 'h' | 'i'): Partial<HostSpec> => ({
  ...QUICK,
  placements: catalogueSpec([zone]).placements,
})

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev', cloudGridMs: 50, visibleAfterMs: 300 })
  await world.startWorkers({ breaker: () => RULES })
})
afterAll(() => world?.close())

const open = () => world.store.holds.list({}, Date.now())
const held = (host: HostId) =>
  world.when(host, 'to be held', ({ step, waitReason = '' }) => step === 'wait' && /is held/.test(waitReason))

it('a fleet whose hosts boot nowhere is held as a whole: other fleets go on, and one host that boots ends it', async () => {
  for (const zoneId of MUTE_ZONES)
    world.emulator.addFault({ match: { zoneId }, effect: { type: 'muteAgent' } })
  const failing = await Promise.all([world.startHost(1, inZone('g')), world.startHost(2, inZone('h'))])
  for (const { waitReason } of await Promise.all(failing.map(held))) {
    expect(waitReason).toContain('fleet render is held: 4 boots in a row failed')
  }
  const [hold, ...more] = await open()
  expect(more).toEqual([])
  expect(hold).toMatchObject({ scope: 'fleet', fleet: 'render', failedProbes: 0 })
  expect(hold).not.toHaveProperty('imageId')
  const made = failing.flatMap((host) => world.launches(host)).length

  // Where nothing has ever failed it is held, too, before its first launch; another fleet is not, in the same zone.
  const third = await world.startHost(3, inZone('i'))
  await held(third)
  const other = await world.startHost(hostId('other', 1), inZone('i'))
  await world.until(other, 'ready')
  expect([third, ...failing].flatMap((host) => world.launches(host))).toHaveLength(made)
  expect(await open(), 'a success of another fleet proves nothing').toMatchObject([{ id: hold?.id }])

  world.emulator.cloud.faults.clear()
  world.skipClock(RULES.coolDownMs)
  const probe = await world.startHost(4, inZone('i'))
  await world.until(probe, 'ready')
  await waitFor('the hold to be closed', async () => (await open()).length === 0)
  expect(await world.journal(probe)).toContainEqual(
    expect.stringMatching(new RegExp(`^started: .*; closes hold ${hold?.id} on fleet render`)),
  )
  const waiting = [...failing, third]
  await Promise.all(waiting.map((host) => world.skipHost(host, LOOKED_MS)))
  await Promise.all(waiting.map((host) => world.until(host, 'ready')))
  expect(waiting.flatMap((host) => world.launches(host))).toHaveLength(made + 3)
})
