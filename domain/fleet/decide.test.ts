import { describe, expect, it } from 'vitest'
import { BATCH } from './decide.ts'
import { DEFAULT_POLICY } from './policy.ts'
import { countSlots, expand } from './slots.ts'
import { FleetWorld, specOf } from './testing/fleet-world.ts'

const always = () => true

describe('a fleet', () => {
  it('starts the lowest numbers that no running host has', () => {
    const world = new FleetWorld(4)
    world.round()
    expect(world.state.active).toEqual([[1, 4]])
    world.wish({ type: 'resize', size: 2 })
    world.round()
    expect(world.state).toMatchObject({ active: [[1, 2]], retiring: [[3, 4]] })
    world.wish({ type: 'resize', size: 3 })
    world.round()
    expect(world.state.active).toEqual([
      [1, 2],
      [5, 5],
    ])
  })

  it('goes in batches', () => {
    const world = new FleetWorld(BATCH + 50)
    world.round()
    expect(countSlots(world.state.active)).toBe(BATCH)
    world.round()
    expect(countSlots(world.state.active)).toBe(BATCH + 50)
  })

  it('changes nothing while it is paused', () => {
    const world = new FleetWorld(2)
    world.round()
    world.wish({ type: 'pause' })
    world.wish({ type: 'resize', size: 5 })
    world.round()
    expect(world.state).toMatchObject({ active: [[1, 2]], desired: 5, paused: true })
  })

  it('hands a new spec to each host once, and again where that failed', () => {
    const world = new FleetWorld(3)
    world.round()
    world.wish({ type: 'apply', specHash: 'second', spec: specOf('second') })
    expect(world.state.outdated).toEqual([[1, 3]])
    world.round({ fails: (slot) => slot === 2 })
    expect(world.state.outdated).toEqual([[2, 2]])
    world.round()
    expect(world.state.outdated).toEqual([])
    world.wish({ type: 'apply', specHash: 'second', spec: specOf('second') })
    expect(world.state.outdated, 'the same spec is no news').toEqual([])
  })

  it('hands a new way to the API to its hosts, though the spec is the same', () => {
    const world = new FleetWorld(2)
    world.settle(4)
    const api = { url: 'http://10.0.0.1:8080', keyId: 'k2' }
    world.wish({ type: 'apply', specHash: 'first', spec: specOf('first'), api })
    expect(world.state).toMatchObject({ api, outdated: [[1, 2]] })
    world.round()
    world.wish({ type: 'apply', specHash: 'first', spec: specOf('first'), api })
    expect(world.state.outdated).toEqual([])
  })

  it('asks a host to retire again when it could not be told', () => {
    const world = new FleetWorld(2)
    world.round()
    world.wish({ type: 'resize', size: 1 })
    world.round({ fails: always })
    expect(world.state).toMatchObject({ active: [[1, 1]], retiring: [[2, 2]], unclear: [[2, 2]] })
    expect(world.round()).toMatchObject({ retire: [2], replace: [] })
    expect(world.state.unclear).toBeUndefined()
    world.settle(2)
    expect([...world.hosts.keys()]).toEqual([1])
  })

  it('takes no other host from work while it is unclear which one has heard that it is to end', () => {
    const world = new FleetWorld(4)
    world.settle(4)
    world.wish({ type: 'resize', size: 3 })
    const first = world.round({ loses: always }).retire
    expect(first).toHaveLength(1)
    expect(world.up()).toBe(3)
    world.wish({ type: 'mark', slots: [world.slots('ready')[0] ?? 0] })
    const second = world.round({ lags: always, loses: always })
    expect(second.retire, 'its row says nothing yet').toEqual(first)
    expect(world.round({ lags: always }).retire).toEqual(first)
    expect(world.up()).toBe(3)
    world.settle(4)
    expect(world.up()).toBe(3)
    expect(world.state).toMatchObject({ retiring: [], note: expect.not.stringContaining('started') })
  })

  it('asks a host that may still work to retire again only when enough others work', () => {
    const world = new FleetWorld(4)
    world.settle(4)
    world.wish({ type: 'resize', size: 3 })
    const [told] = world.round({ fails: always }).retire
    const [lost = 0] = world.slots('ready').filter((slot) => slot !== told)
    world.set(lost, { phase: 'waiting', attempt: 2, failure: 'lost' })
    expect(world.round().retire).toEqual([])
    expect(world.up()).toBe(3)
    world.settle(5)
    expect(world.hosts.has(told ?? 0)).toBe(false)
    expect(world.up()).toBe(3)
  })

  it('counts a host from its start on, though the answer was lost, and tells it of a spec that comes meanwhile', () => {
    const world = new FleetWorld(3)
    world.resyncEvery = 100
    world.round({ loses: (slot) => slot === 2, fails: (slot) => slot === 3 })
    expect([...world.hosts.keys()]).toEqual([1, 2])
    expect(world.state.active, 'three may run').toEqual([[1, 3]])
    world.wish({ type: 'apply', specHash: 'second', spec: specOf('second') })
    world.wish({ type: 'resize', size: 2 })
    world.settle(3)
    expect(world.state.active, 'the third does not').toEqual([[1, 2]])
    expect([...world.hosts.values()].map(({ nextSpec }) => nextSpec)).toEqual(['second', 'second'])
  })

  it('incident 14: 6 → 2 → 6 within one boot makes no host too many and loses none', () => {
    const world = new FleetWorld(6)
    world.settle(4)
    world.wish({ type: 'resize', size: 2 })
    world.round()
    world.wish({ type: 'resize', size: 6 })
    world.round()
    expect(world.hosts.size, 'four are still on their way out').toBeLessThanOrEqual(6 + 2)
    expect(world.state.retiring).toEqual([[3, 6]])
    world.settle()
    expect(world.up()).toBe(6)
    expect(world.hosts.size).toBe(6)
  })

  it('gives up failed, launching, booting, marked, old and then the oldest hosts', () => {
    const world = new FleetWorld(7)
    world.settle(6)
    world.set(6, { phase: 'waiting', failure: 'mute' })
    world.set(5, { phase: 'launching' })
    world.set(4, { phase: 'booting' })
    world.set(2, { specHash: 'older' })
    world.set(7, { readyAt: 1 })
    expect(world.wish({ type: 'mark', slots: [3] })).toBe(true)
    const order: number[] = []
    for (let size = 6; size >= 0; size--) {
      world.wish({ type: 'resize', size })
      order.push(...world.round().retire)
    }
    expect(order).toEqual([6, 5, 4, 3, 2, 7, 1])
  })

  it('forgets a mark that is taken back, and refuses marks of hosts it has not', () => {
    const world = new FleetWorld(3)
    world.settle(4)
    world.wish({ type: 'mark', slots: [1, 2] })
    world.wish({ type: 'unmark', slots: [1] })
    expect(world.state.marks).toEqual([[2, 2]])
    expect(world.wish({ type: 'mark', slots: [9] })).toBe(false)
    world.wish({ type: 'resize', size: 2 })
    expect(world.round().retire).toEqual([2])
    expect(world.state.marks).toEqual([])
  })

  it('counts a host that it did not know, and alarms when there are too many', () => {
    const world = new FleetWorld(1)
    world.settle(4)
    const row = { generation: 'x', attempt: 1, phase: 'ready', specHash: 'first', reason: '' } as const
    for (const slot of [7, 8, 9]) world.hosts.set(slot, { slot, ...row })
    world.wish({ type: 'resize', size: 0 })
    world.wish({ type: 'pause' })
    world.round()
    expect(expand(world.state.active)).toEqual([1, 7, 8, 9])
    expect(world.state.overshoot).toEqual({ live: 4, limit: 2 })
    expect(world.state.news.at(-1)).toMatchObject({ what: 'too many hosts' })
    world.wish({ type: 'resume' })
    world.settle(4)
    expect(world.hosts.size).toBe(0)
    expect(world.state.overshoot).toBeUndefined()
  })

  it('says that launches wait while as many hosts live as may, most of them on their way out', () => {
    const world = new FleetWorld(6)
    world.settle(4)
    world.wish({ type: 'resize', size: 2 })
    world.round()
    world.wish({ type: 'resize', size: 6 })
    const isOnItsWayOut = (slot: number) => world.hosts.get(slot)?.wish === 'retire'
    for (let i = 0; i < 3; i++) {
      world.round()
      world.step((slot) => !isOnItsWayOut(slot))
    }
    expect(world.hosts.size).toBe(8)
    expect(world.state.overshoot).toEqual({ live: 8, limit: 8 })
    expect(world.state.news, 'nothing to be alarmed at').toEqual([])
    world.settle(6)
    expect(world.up()).toBe(6)
    expect(world.state.overshoot).toBeUndefined()
  })

  it('doubles at most when every host says that the cloud takes it, as long as they drain', () => {
    const world = new FleetWorld(5)
    world.settle(4)
    let most = 0
    for (let i = 0; i < 30; i++) {
      world.change('ready', { reclaimAt: world.now + 86_400_000 })
      world.round()
      most = Math.max(most, world.hosts.size)
      const leaving = new Set(expand(world.state.retiring))
      world.step((slot) => !leaving.has(slot))
    }
    expect(most).toBe(5 + 5 + 2)
    world.settle(10)
    expect([world.up(), world.hosts.size]).toEqual([5, 5])
  })

  it('gives up no host that works while others are missing, though a person has marked it', () => {
    const world = new FleetWorld(5)
    world.settle(5)
    world.set(1, { phase: 'silent' })
    world.wish({ type: 'mark', slots: [2] })
    world.wish({ type: 'resize', size: 4 })
    expect(world.round().retire, 'four work, and four are wanted').toEqual([1])
    expect(world.up()).toBe(4)
  })

  it('gives up a host that works where one may be missing', () => {
    const rollout = { ...DEFAULT_POLICY.rollout, maxSurge: 0, maxUnavailable: 1 }
    const world = new FleetWorld(5, { ...DEFAULT_POLICY, rollout })
    world.settle(5)
    world.set(1, { phase: 'silent' })
    world.wish({ type: 'mark', slots: [2] })
    world.wish({ type: 'resize', size: 4 })
    expect(world.round().retire).toEqual([2])
  })

  it('counts those that the cloud takes apart from those that it gives up', () => {
    const world = new FleetWorld(5)
    world.settle(5)
    world.set(1, { phase: 'draining', wish: 'replace', reclaimAt: world.now + 300_000 })
    world.wish({ type: 'resize', size: 3 })
    const { retire, reclaimed } = world.round()
    expect(reclaimed).toEqual([1])
    expect(retire, 'five, less the one that is taken, are one too many').toHaveLength(1)
    expect(retire).not.toContain(1)
  })

  it('does not ask a host to begin anew that it gives up', () => {
    const rollout = { ...DEFAULT_POLICY.rollout, maxSurge: 0, maxUnavailable: 1 }
    const world = new FleetWorld(3, { ...DEFAULT_POLICY, rollout })
    world.settle(5)
    world.set(2, { phase: 'booting' })
    world.wish({ type: 'apply', specHash: 'second', spec: specOf('second') })
    world.wish({ type: 'roll' })
    world.wish({ type: 'resize', size: 2 })
    expect(world.round()).toMatchObject({ retire: [2], replace: [] })
  })

  it('is alarmed by hosts beyond its limit, not by as many as may be', () => {
    const world = new FleetWorld(1)
    world.settle(4)
    const row = { generation: 'x', attempt: 1, phase: 'ready', specHash: 'first', reason: '' } as const
    for (const slot of [7, 8]) world.hosts.set(slot, { slot, ...row })
    world.round()
    expect(world.state.overshoot).toEqual({ live: 3, limit: 3 })
    expect(world.state.news).toEqual([])
  })

  it('asks for no more than the share of its present size beyond it', () => {
    const world = new FleetWorld(20, { ...DEFAULT_POLICY, overAskPercent: 50 })
    world.round()
    expect(world.hosts.size).toBe(30)
    world.wish({ type: 'resize', size: 2 })
    for (let i = 0; i < 4; i++) world.round()
    expect(world.state.extra).toBe(1)
    expect(countSlots(world.state.active)).toBe(3)
  })
})
