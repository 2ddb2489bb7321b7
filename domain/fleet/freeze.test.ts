import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from './policy.ts'
import { FleetWorld, specOf } from './testing/fleet-world.ts'

function settled(size: number, policy = DEFAULT_POLICY): FleetWorld {
  const world = new FleetWorld(size, policy)
  world.settle(5)
  return world
}

const silence = (world: FleetWorld, slots: number[]) => {
  for (const slot of slots) world.set(slot, { phase: 'silent' })
}

describe('a fleet whose hosts are silent at once', () => {
  it('incident 17: freezes on more than max(3, 20 %) and does nothing by itself', () => {
    const world = settled(20)
    silence(world, [1, 2, 3, 4])
    world.round()
    expect(world.state.frozen, 'four of twenty').toBeUndefined()
    silence(world, [5])
    world.round()
    expect(world.state).toMatchObject({ frozen: { silent: 5, of: 20 }, news: [{ what: 'frozen' }] })
    world.wish({ type: 'apply', specHash: 'second', spec: specOf('second') })
    world.wish({ type: 'roll' })
    world.wish({ type: 'resize', size: 12 })
    world.hosts.delete(20)
    const { start, retire, replace, applySpec } = world.round()
    expect({ start, retire, replace, applySpec }).toEqual({
      start: [],
      retire: [],
      replace: [],
      applySpec: [],
    })
  })

  it('says since when, however many more fall silent', () => {
    const world = settled(20)
    silence(world, [1, 2, 3, 4, 5])
    world.round()
    const since = world.state.frozen?.since
    silence(world, [6])
    world.round()
    expect(world.state.frozen).toEqual({ since, silent: 6, of: 20 })
  })

  it('freezes when all are silent, be they few', () => {
    const world = settled(2)
    silence(world, [1, 2])
    world.round()
    expect(world.state.frozen).toMatchObject({ silent: 2, of: 2 })
  })

  it('does what was asked meanwhile once beats come back', () => {
    const world = settled(6)
    silence(world, [1, 2, 3, 4])
    world.round()
    world.wish({ type: 'resize', size: 8 })
    expect(world.round().start).toEqual([])
    for (const slot of [1, 2, 3, 4]) world.set(slot, { phase: 'ready' })
    expect(world.round().start).toEqual([7, 8])
    expect(world.state.frozen).toBeUndefined()
    expect(world.state.news.map(({ what }) => what)).toEqual(['frozen', 'no longer frozen'])
  })

  it('acts when a person overrides it, for as long as that was said', () => {
    const world = settled(10)
    expect(world.wish({ type: 'overrideFreeze', forMs: 90_000 }), 'there is nothing to override').toBe(false)
    silence(world, [1, 2, 3, 4, 5, 6])
    world.round()
    world.wish({ type: 'resize', size: 9 })
    expect(world.wish({ type: 'overrideFreeze', forMs: 1_000 })).toBe(false)
    expect(world.wish({ type: 'overrideFreeze', forMs: 90_000 })).toBe(true)
    expect(world.round().retire).toHaveLength(1)
    world.now += 90_000
    world.wish({ type: 'resize', size: 12 })
    expect(world.round().start).toEqual([])
    expect(world.state.override).toBeUndefined()
  })
})

describe('over-asking', () => {
  const policy = { ...DEFAULT_POLICY, overAskPercent: 20 }

  it('starts more than is missing, and gives up the slowest once enough are ready', () => {
    const world = new FleetWorld(10, policy)
    expect(world.round().start).toHaveLength(12)
    world.step()
    world.step((slot) => slot !== 3 && slot !== 7)
    expect(world.up()).toBe(10)
    expect(world.round().retire.toSorted((a, b) => a - b)).toEqual([3, 7])
    world.settle(6)
    expect(world.up()).toBe(10)
    expect(world.hosts.size).toBe(10)
    expect(world.state.extra).toBe(0)
  })

  it('gives up the latest of those that are ready all at once', () => {
    const world = new FleetWorld(5, policy)
    world.round()
    for (let i = 0; i < 2; i++) world.step((slot) => slot !== 2)
    world.now += 1
    for (let i = 0; i < 2; i++) world.step((slot) => slot === 2)
    expect(world.up()).toBe(6)
    expect(world.round().retire).toEqual([2])
  })

  it('asks for a share of what is missing only', () => {
    const world = settled(10, policy)
    world.wish({ type: 'resize', size: 15 })
    expect(world.round().start).toHaveLength(6)
  })
})

describe('a host that the cloud takes', () => {
  it('is followed by another slot at once, and ends instead of being made anew', () => {
    const world = settled(3)
    world.set(2, { phase: 'draining', wish: 'replace', reclaimAt: world.now + 300_000 })
    const { start, reclaimed } = world.round()
    expect({ start, reclaimed }).toEqual({ start: [4], reclaimed: [2] })
    world.settle(5)
    expect([...world.hosts.keys()]).toEqual([1, 3, 4])
    expect(world.state.active).toEqual([
      [1, 1],
      [3, 4],
    ])
  })

  it('does not stop other launches, as it is not counted as live', () => {
    const world = settled(10)
    for (let slot = 1; slot <= 8; slot++) {
      world.set(slot, { phase: 'draining', wish: 'replace', reclaimAt: world.now + 300_000 })
    }
    expect(world.round().start).toHaveLength(8)
    expect(world.state.overshoot).toBeUndefined()
  })
})
