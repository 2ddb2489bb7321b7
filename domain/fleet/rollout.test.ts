import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICY, type FleetPolicy } from './policy.ts'
import { takeRollout } from './rollout.ts'
import { expand, removeSlots } from './slots.ts'
import { lifetimeMs } from './renewal.ts'
import { BAD, FleetWorld, specOf } from './testing/fleet-world.ts'

const policy = (changes: Partial<FleetPolicy['rollout']> = {}): FleetPolicy => ({
  ...DEFAULT_POLICY,
  rollout: { ...DEFAULT_POLICY.rollout, maxSurge: 1, onApply: 'roll', ...changes },
})

function settled(size: number, changes: Partial<FleetPolicy['rollout']> = {}): FleetWorld {
  const world = new FleetWorld(size, policy(changes))
  world.settle(5)
  expect(world.up()).toBe(size)
  return world
}

const apply = (world: FleetWorld, name: string) =>
  world.wish({ type: 'apply', specHash: name, spec: specOf(name) })
const specs = (world: FleetWorld) => [...world.hosts.values()].map(({ specHash }) => specHash)

/** Rounds until it holds; how few were up meanwhile, and how many there were. */
function follow(world: FleetWorld, holds: () => boolean): { fewestUp: number; most: number } {
  let fewestUp = Infinity
  let most = 0
  for (let i = 0; i < 200 && !holds(); i++) {
    world.round()
    fewestUp = Math.min(fewestUp, world.up())
    most = Math.max(most, world.hosts.size)
    world.step()
  }
  if (!holds()) throw new Error(`the rollout does not get there: ${JSON.stringify(world.state.rollout)}`)
  return { fewestUp, most }
}

describe('a rollout', () => {
  it('brings every host to the new spec, one more than wanted at a time, none missing', () => {
    const world = settled(4)
    apply(world, 'second')
    const { fewestUp, most } = follow(world, () => world.state.rollout?.state === 'done')
    expect({ fewestUp, most }).toEqual({ fewestUp: 4, most: 5 })
    world.settle(5)
    expect(specs(world)).toEqual(['second', 'second', 'second', 'second'])
    expect([...world.hosts.keys()]).toEqual([1, 2, 3, 4])
    expect(world.state.rollout).toMatchObject({ state: 'done', left: 0 })
    expect(world.state.surge).toEqual([])
  })

  it('makes do without surge when hosts may be missing', () => {
    const world = settled(5, { maxSurge: 0, maxUnavailable: 2 })
    apply(world, 'second')
    const { fewestUp, most } = follow(world, () => world.state.rollout?.state === 'done')
    expect({ fewestUp, most }).toEqual({ fewestUp: 3, most: 5 })
  })

  it('stops by itself when hosts of the new spec do not boot, and a rollback restores the fleet', () => {
    const world = settled(4)
    apply(world, BAD)
    const { fewestUp } = follow(world, () => world.state.rollout?.state === 'stopped')
    expect(fewestUp, 'nobody but the surge host was touched').toBe(4)
    expect(world.state.rollout?.reason).toMatch(/3 boots of spec bad have failed/)
    expect(world.state.news.at(-1)).toMatchObject({ what: 'rollout stopped' })
    world.settle(10)
    expect(specs(world), 'the broken host of surge goes').toEqual(['first', 'first', 'first', 'first'])
    expect(world.wish({ type: 'rollback' })).toBe(true)
    expect(world.state).toMatchObject({ specHash: 'first', previous: { specHash: BAD } })
    follow(world, () => world.state.rollout?.state === 'done')
    expect(world.up()).toBe(4)
  })

  it('gives hosts that had begun with a spec that does not boot the former one when it stops', () => {
    const world = settled(4, { maxSurge: 1, maxUnavailable: 1 })
    apply(world, BAD)
    follow(world, () => world.state.rollout?.state === 'stopped')
    world.settle(30)
    expect(world.up()).toBe(4)
    expect(specs(world)).toEqual(['first', 'first', 'first', 'first'])
  })

  it('gives hosts that still drain when it stops the former spec, too', () => {
    const world = settled(4, { maxSurge: 3, maxUnavailable: 1 })
    apply(world, BAD)
    const isDraining = (slot: number) => world.hosts.get(slot)?.phase === 'draining'
    for (let i = 0; i < 50 && world.state.rollout?.state !== 'stopped'; i++) {
      world.round()
      world.step((slot) => !isDraining(slot))
    }
    expect(world.state.rollout?.state).toBe('stopped')
    expect([...world.hosts.keys()].filter(isDraining), 'a drain longer than three boots').toHaveLength(1)
    world.settle(30)
    expect(world.up()).toBe(4)
    expect(specs(world)).toEqual(['first', 'first', 'first', 'first'])
  })

  it('that rolls back starts nothing with the broken spec, though it is stopped, too', () => {
    const world = settled(3)
    apply(world, BAD)
    follow(world, () => world.state.rollout?.state === 'stopped')
    world.wish({ type: 'rollback' })
    const { rollout } = world.state
    if (rollout) world.state = { ...world.state, rollout: { ...rollout, state: 'stopped' } }
    world.hosts.delete(2)
    world.settle(6)
    expect(specs(world)).toEqual(['first', 'first', 'first'])
    apply(world, 'third')
    expect(world.state.previous, 'rollback leads to what ran').toEqual({
      specHash: 'first',
      spec: specOf('first'),
    })
  })

  it('replaces a lost host by one of the former spec while it is stopped', () => {
    const world = settled(3)
    apply(world, BAD)
    follow(world, () => world.state.rollout?.state === 'stopped')
    world.settle(3)
    world.hosts.delete(2)
    world.settle(6)
    expect(specs(world)).toEqual(['first', 'first', 'first'])
    expect(world.up()).toBe(3)
  })

  it('stops at once when the cloud refuses the request of the new spec', () => {
    const world = settled(2)
    apply(world, 'second')
    world.round()
    const reason = 'the request was refused (InvalidImageId.NotFound); a person must act'
    world.set(3, { phase: 'waiting', reason })
    world.round()
    expect(world.state.rollout).toMatchObject({ state: 'stopped', reason: expect.stringContaining(reason) })
  })

  it('goes on with a repaired spec, and rolls back to the last one that was good', () => {
    const world = settled(3)
    apply(world, BAD)
    follow(world, () => world.state.rollout?.state === 'stopped')
    apply(world, 'third')
    expect(world.state.previous?.specHash).toBe('first')
    follow(world, () => world.state.rollout?.state === 'done')
    world.settle(4)
    expect(specs(world)).toEqual(['third', 'third', 'third'])
  })

  it('rolls back hosts that have the new spec already', () => {
    const world = settled(4)
    apply(world, 'second')
    follow(world, () => specs(world).filter((name) => name === 'second').length >= 3)
    world.wish({ type: 'rollback' })
    const { fewestUp } = follow(world, () => world.state.rollout?.state === 'done')
    expect(fewestUp).toBeGreaterThanOrEqual(3)
    world.settle(4)
    expect(specs(world)).toEqual(['first', 'first', 'first', 'first'])
  })

  it('without force leaves hosts of the present spec alone, with it makes each anew once', () => {
    const world = settled(3)
    const attempts = () => [...world.hosts.values()].map(({ attempt }) => attempt)
    world.wish({ type: 'roll' })
    world.settle(10)
    expect(world.state.rollout?.state).toBe('done')
    expect(attempts()).toEqual([1, 1, 1])
    world.wish({ type: 'roll', force: true })
    const { fewestUp } = follow(world, () => world.state.rollout?.state === 'done')
    expect(fewestUp).toBe(3)
    world.settle(10)
    expect(attempts()).toEqual([2, 2, 2])
  })

  it('takes hosts without work at once, whatever may be missing', () => {
    const world = settled(6)
    for (const slot of [1, 2, 3]) world.set(slot, { phase: 'booting' })
    apply(world, 'second')
    expect(world.round().replace.map(({ slot }) => slot)).toEqual([1, 2, 3])
  })

  it('waits while hosts are missing for other reasons', () => {
    const world = settled(4)
    world.set(2, { phase: 'silent' })
    apply(world, 'second')
    world.round()
    world.step()
    world.step()
    expect(world.round().replace, 'the host of surge makes up for the silent one').toEqual([])
    world.set(2, { phase: 'ready' })
    expect(world.round().replace).toHaveLength(1)
  })

  it('leaves applied specs to the next launch unless the policy says otherwise', () => {
    const world = settled(3, { onApply: 'nextLaunch' })
    apply(world, 'second')
    world.settle(5)
    expect(specs(world)).toEqual(['first', 'first', 'first'])
    world.wish({ type: 'roll' })
    follow(world, () => world.state.rollout?.state === 'done')
    world.settle(4)
    expect(specs(world)).toEqual(['second', 'second', 'second'])
  })

  it('asks again where a host could not be told', () => {
    const world = settled(2)
    apply(world, 'second')
    world.round()
    world.step()
    world.step()
    const first = world.round({ fails: (slot) => slot <= 2 }).replace
    expect(first).toHaveLength(1)
    expect(world.state).toMatchObject({ replacing: first, unclear: [[first[0]?.slot, first[0]?.slot]] })
    expect(world.round().replace).toEqual(first)
    expect(world.state).toMatchObject({ replacing: first })
    expect(world.state.unclear).toBeUndefined()
  })

  it('takes no other host from work while it is unclear which one has heard that it is to begin anew', () => {
    const world = settled(4, { maxSurge: 0, maxUnavailable: 1 })
    apply(world, 'second')
    const [first] = world.round({ loses: () => true }).replace
    expect(world.up()).toBe(3)
    const other = world.slots('ready')[0] ?? 0
    world.wish({ type: 'mark', slots: [other] })
    expect(world.round({ lags: () => true }).replace).toEqual([first])
    expect(world.up()).toBe(3)
  })

  it('that stops has nothing to tell a host that has just ended', () => {
    const world = settled(6, { maxSurge: 0, maxUnavailable: 3 })
    apply(world, BAD)
    world.round()
    const { survey } = world.look()
    expect(survey.replaced.map(({ slot }) => slot)).toEqual([1, 2, 3])
    const withoutFirst = { ...world.state, active: removeSlots(world.state.active, [1]) }
    const stopped = takeRollout(withoutFirst, { ...survey, failed: 3 })
    expect(stopped).toMatchObject({ rollout: { state: 'stopped' }, outdated: [[2, 3]] })
  })

  it('that stops asks nobody again who may not have heard of it', () => {
    const world = settled(6, { maxSurge: 0, maxUnavailable: 3 })
    apply(world, BAD)
    for (let i = 0; i < 20 && world.state.rollout?.state === 'rolling'; i++) {
      world.round({ fails: (slot) => slot === 3 })
      world.step()
    }
    expect(world.state.rollout?.state).toBe('stopped')
    world.settle(10)
    expect(world.hosts.get(3)).toMatchObject({ attempt: 1, phase: 'ready', specHash: 'first' })
    expect(world.state.replacing.map(({ slot }) => slot)).not.toContain(3)
    expect(world.state.unclear).toBeUndefined()
  })

  it('counts failed boots from the last one that succeeded', () => {
    const world = settled(8, { maxSurge: 0, maxUnavailable: 4 })
    apply(world, 'second')
    world.round()
    const [first = 0, second = 0] = world.state.replacing.map(({ slot }) => slot)
    const fail = (slot: number, attempt: number) =>
      world.set(slot, { phase: 'launching', attempt, specHash: 'second', failure: 'mute' })
    world.step()
    fail(first, 4)
    world.set(second, { phase: 'ready', attempt: 2, specHash: 'second', readyAt: world.now })
    world.round()
    expect(world.state.rollout, 'two have failed, and one has booted').toMatchObject({
      state: 'rolling',
      failed: 2,
      succeeded: 1,
    })
    fail(first, 6)
    world.round()
    expect(world.state.rollout, 'two since then').toMatchObject({ state: 'rolling', failed: 4 })
    fail(first, 7)
    world.round()
    expect(world.state.rollout).toMatchObject({ state: 'stopped', failed: 5 })
  })

  it('is not done while hosts are on their way, or of which nothing is known yet', () => {
    const world = settled(2)
    apply(world, 'second')
    follow(world, () => world.state.replacing.length > 0 && world.look().survey.old === 0)
    expect(world.state.rollout?.state, 'the last one begins anew').toBe('rolling')
    follow(world, () => world.state.rollout?.state === 'done')
    const other = settled(2)
    other.wish({ type: 'resize', size: 3 })
    const lags = (slot: number) => slot === 3
    other.round({ lags })
    other.wish({ type: 'roll' })
    other.round({ lags })
    expect(other.state.rollout?.state, 'the third has written nothing').toBe('rolling')
    other.round()
    expect(other.state.rollout?.state).toBe('done')
  })

  it('is refused a rollback when there is nothing to return to', () => {
    expect(settled(1).wish({ type: 'rollback' })).toBe(false)
  })
})

describe('a maximum lifetime', () => {
  const HOUR_MS = 3_600_000

  it('replaces hosts gently, each a little earlier than the maximum', () => {
    const world = new FleetWorld(4, { ...policy(), maxLifetimeMs: HOUR_MS })
    world.settle(5)
    world.now += 0.89 * HOUR_MS
    expect(world.round().replace).toEqual([])
    world.now += 0.12 * HOUR_MS
    let fewestUp = Infinity
    for (let i = 0; i < 40; i++) {
      world.round()
      fewestUp = Math.min(fewestUp, world.up())
      world.step()
    }
    expect(fewestUp).toBe(4)
    expect([...world.hosts.values()].map(({ attempt }) => attempt)).toEqual([2, 2, 2, 2])
    expect(expand(world.state.active)).toEqual([1, 2, 3, 4])
  })

  it('replaces nobody while a rollout has stopped: the next launch would be of the former spec, for no reason', () => {
    const world = new FleetWorld(3, { ...policy(), maxLifetimeMs: HOUR_MS })
    world.settle(5)
    apply(world, BAD)
    follow(world, () => world.state.rollout?.state === 'stopped')
    world.settle(4)
    world.now += 2 * HOUR_MS
    for (let i = 0; i < 4; i++) {
      expect(world.round().replace).toEqual([])
      world.step()
    }
  })

  it('ends at another moment for each host, in the last tenth before the maximum', () => {
    const shares = Array.from(
      { length: 50 },
      (_, slot) => lifetimeMs(HOUR_MS, { slot, generation: 'a1b2c3d4e5' }) / HOUR_MS,
    )
    expect(new Set(shares).size).toBe(shares.length)
    expect(Math.min(...shares)).toBeGreaterThan(0.9)
    expect(Math.max(...shares)).toBeLessThanOrEqual(1)
    expect(Math.max(...shares) - Math.min(...shares), 'not all at once').toBeGreaterThan(0.05)
  })

  it('is over for some before it is for all', () => {
    const world = new FleetWorld(20, { ...policy(), maxLifetimeMs: HOUR_MS })
    world.settle(25)
    const born = [...world.hosts.values()].map(({ readyAt = 0 }) => readyAt)
    const due = (after: number) => {
      world.now = after
      return world.look().survey.old
    }
    expect(due(Math.min(...born) + 0.9 * HOUR_MS)).toBe(0)
    const midway = due(Math.min(...born) + 0.95 * HOUR_MS)
    expect(midway).toBeGreaterThan(0)
    expect(midway).toBeLessThan(20)
    expect(due(Math.max(...born) + HOUR_MS + 1)).toBe(20)
  })
})
