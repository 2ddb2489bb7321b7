import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import { DEFAULT_BREAKER_RULES, type BreakerRules } from '../../domain/breaker/rules.ts'
import { hostId, type HostId } from '../../domain/ids.ts'
import type { HostSpec } from '../../domain/spec.ts'
import { catalogueSpec } from '../../emulator/testing/catalogue-spec.ts'
import { createWorld, type World } from '../support/world.ts'

const BROKEN = 'm-bp1linux0000000000000'
const OTHER = 'm-bp1windows00000000000'
/** As by default, of fewer boots: two hosts that fail in each of three zones are enough. */
const RULES: BreakerRules = { ...DEFAULT_BREAKER_RULES, image: { failures: 6, places: 3 } }
/** A host that a hold stops asks again within two minutes of its own time. */
const LOOKED_MS = 121_000

const SPEC: Partial<HostSpec> = {
  placements: catalogueSpec(['g', 'h', 'i']).placements,
  bootTimeoutMs: 3_000,
  runningTimeoutMs: 2_500,
  backoff: { initialMs: 100, maxMs: 100 },
}

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev', cloudGridMs: 50, visibleAfterMs: 300 })
  await world.startWorkers({ breaker: () => RULES })
})
afterAll(() => world?.close())

const open = () => world.store.holds.list({}, Date.now())
const start = (slots: number[], imageId: string, os: HostSpec['os']): Promise<HostId[]> =>
  Promise.all(slots.map((slot) => world.startHost(slot, { ...SPEC, imageId, os })))
const launches = (imageId: string) =>
  world.emulator.recorder
    .calls()
    .filter(({ action, parameters }) => action === 'RunInstances' && parameters['ImageId'] === imageId)
const held = (host: HostId) =>
  world.when(host, 'to be held', ({ step, waitReason = '' }) => step === 'wait' && /is held/.test(waitReason))

it('incident 13: an image that boots nowhere is held everywhere: nothing is made of it, of others all the same, and one that boots ends it', async () => {
  world.emulator.addFault({ match: { imageId: BROKEN }, effect: { type: 'muteAgent' } })
  const first = await start([1, 2], BROKEN, 'linux')
  for (const { waitReason } of await Promise.all(first.map(held))) {
    expect(waitReason).toContain(`image ${BROKEN} is held: 6 boots in a row failed on 3 places`)
  }
  const [hold, ...more] = await open()
  expect(more, 'no place fails often enough by itself').toEqual([])
  expect(hold).toMatchObject({ scope: 'image', imageId: BROKEN, failedProbes: 0 })
  expect(hold).not.toHaveProperty('zone')
  const made = launches(BROKEN).length
  expect(new Set(launches(BROKEN).map(({ parameters }) => parameters['ZoneId'])).size).toBe(3)

  // New ones are stopped before their first launch, and those that wait are told so again when they ask again.
  const second = await start([3, 4], BROKEN, 'linux')
  const waiting = await Promise.all([...first, ...second].map(held))
  await Promise.all([...first, ...second].map((host) => world.skipHost(host, LOOKED_MS)))
  await Promise.all(
    [...first, ...second].map((host, index) =>
      world.when(
        host,
        'to be held again',
        ({ step, stepNo }) => step === 'wait' && stepNo > (waiting[index]?.stepNo ?? 0),
      ),
    ),
  )
  expect(launches(BROKEN), 'RunInstances while held').toHaveLength(made)

  const [other = hostId('render', 5)] = await start([5], OTHER, 'windows')
  await world.until(other, 'ready')
  expect(launches(OTHER)).toHaveLength(1)
  expect(await open(), 'a success of another image proves nothing').toMatchObject([{ id: hold?.id }])

  world.emulator.cloud.faults.clear()
  world.skipClock(RULES.coolDownMs)
  const [probe = hostId('render', 6)] = await start([6], BROKEN, 'linux')
  await world.until(probe, 'ready')
  expect(launches(BROKEN)).toHaveLength(made + 1)
  await waitFor('the hold to be closed', async () => (await open()).length === 0)
  expect(await world.journal(probe)).toContainEqual(
    expect.stringMatching(new RegExp(`^started: .*; closes hold ${hold?.id} on image ${BROKEN}`)),
  )
  await Promise.all([...first, ...second].map((host) => world.skipHost(host, LOOKED_MS)))
  await Promise.all([...first, ...second].map((host) => world.until(host, 'ready')))
  expect(launches(BROKEN)).toHaveLength(made + 5)
})
