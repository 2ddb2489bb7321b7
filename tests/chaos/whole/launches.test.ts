import { describe, expect, it, onTestFinished } from 'vitest'
import { waitFor } from '../../../cli/wait-for.ts'
import { IMMEDIATE_CLOCK_POLICY } from '../../../emulator/clock.ts'
import { Ecs, GOOD_LAUNCH, startTestEmulator } from '../../../emulator/testing/sdk.ts'
import { tooManyLive, watchLaunches, type LaunchRecord } from './launches.ts'

/** Of ten hosts: a tenth of surge, and two. */
const LIMIT_OF_10 = 13
const launch = (at: number, live: number) => ({ at, id: `i-${at}`, live })
const look = (at: number, desired: number, hosts = desired) => ({
  askedAt: at,
  answeredAt: at + 10,
  desired,
  hosts,
})
const record = (changes: Partial<LaunchRecord>): LaunchRecord => ({
  launches: [],
  looks: [],
  sizes: [{ at: 0, size: 10 }],
  announced: new Map(),
  ...changes,
})

describe('a launch', () => {
  it('may find as many live ones as the limit, and not one more', () => {
    expect(tooManyLive(record({ launches: [launch(50, LIMIT_OF_10)] }))).toEqual([])
    expect(tooManyLive(record({ launches: [launch(50, LIMIT_OF_10 + 1)] }))).toEqual([
      'i-50 was launched as number 14 of the live ones, 13 are the limit (1 launches were beyond it)',
    ])
  })

  it('may find hosts of the larger size while they are on their way out, and no longer', () => {
    const sizes = [
      { at: 0, size: 10 },
      { at: 1_000, size: 2 },
    ]
    // Ten hosts are counted still, then two: the fleet is within its limit again.
    const looks = [look(900, 10), look(1_400, 2, 10), look(1_900, 2)]
    expect(tooManyLive(record({ sizes, looks, launches: [launch(1_500, 10)] }))).toEqual([])
    expect(tooManyLive(record({ sizes, looks, launches: [launch(2_000, 6)] }))).toEqual([
      'i-2000 was launched as number 6 of the live ones, 5 are the limit (1 launches were beyond it)',
    ])
  })

  it('must not come on top of those that a resize down and up again has left on their way out (incident 14)', () => {
    const sizes = [
      { at: 0, size: 10 },
      { at: 1_000, size: 2 },
      { at: 1_300, size: 10 },
    ]
    const looks = [look(900, 10), look(1_400, 10, 13)]
    const launches = [launch(1_500, 13), launch(1_510, 14), launch(1_520, 18)]
    expect(tooManyLive(record({ sizes, looks, launches }))).toEqual([
      'i-1520 was launched as number 18 of the live ones, 13 are the limit (2 launches were beyond it)',
      'i-1510 was launched as number 14 of the live ones, 13 are the limit (2 launches were beyond it)',
    ])
  })

  it('counts a size that was taken although nobody had an answer', () => {
    const sizes = [
      { at: 0, size: 2 },
      { at: 100, size: 10 },
    ]
    const before = [look(200, 2), look(700, 2)]
    const launches = [launch(6_100, 10)]
    expect(tooManyLive(record({ sizes, looks: [...before, look(6_200, 10)], launches }))).toEqual([])
    expect(tooManyLive(record({ sizes, looks: [...before, look(6_200, 2)], launches }))).toHaveLength(1)
  })

  it('may have as many more beside it as the cloud has announced to take, while those live', () => {
    const looks = [look(900, 10)]
    const announced = new Map([
      ['i-a', { from: 100, until: 40_000 }],
      ['i-b', { from: 2_000, until: 2_500 }],
    ])
    const of = (at: number, live: number) =>
      tooManyLive(record({ looks: [...looks, look(at - 100, 10)], announced, launches: [launch(at, live)] }))
    expect(of(2_200, LIMIT_OF_10 + 2)).toEqual([])
    expect(of(2_200, LIMIT_OF_10 + 3)).toHaveLength(1)
    expect(of(30_000, LIMIT_OF_10 + 1)).toEqual([])
    expect(of(30_000, LIMIT_OF_10 + 2)).toHaveLength(1)
    expect(of(60_000, LIMIT_OF_10 + 1)).toHaveLength(1)
  })
})

it('launches of the fleet are counted when they are made, without orphans and those being released', async () => {
  const clockPolicy = { ...IMMEDIATE_CLOCK_POLICY, release: 'manual' as const }
  const { emulator, client } = await startTestEmulator({ clockPolicy })
  onTestFinished(() => emulator.close())
  const run = async (host: string) => {
    const tag = [new Ecs.RunInstancesRequestTag({ key: 'muster:host', value: host })]
    const { body } = await client.runInstances(new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, tag }))
    return body?.instanceIdSets?.instanceIdSet?.[0] ?? ''
  }
  const orphan = await run('chaos/99999')
  const watch = watchLaunches({
    world: { cloud: { emulator } },
    orphan,
    fleetState: () => Promise.resolve({ desired: 1, active: [[1, 1]], retiring: [[2, 3]] }),
  })
  onTestFinished(() => watch.stop())
  const first = await run('chaos/00001')
  await run('other/00001')
  for (const slot of [2, 3, 4]) await run(`chaos/0000${slot}`)
  await client.deleteInstances(
    new Ecs.DeleteInstancesRequest({ regionId: 'cn-hangzhou', instanceId: [first], force: true }),
  )
  await run('chaos/00005')
  expect(watch.launches.map(({ live }) => live)).toEqual([1, 2, 3, 4, 4])
  await waitFor('a look at the fleet', () => watch.looks.length > 0)
  expect(watch.looks[0]).toMatchObject({ desired: 1, hosts: 3 })
  const { launches, looks } = watch
  const sizes = [{ at: 0, size: 0 }]
  expect(tooManyLive({ launches, looks, sizes, announced: new Map() })).toEqual([])
})
