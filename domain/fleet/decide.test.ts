import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { specForTests } from '../testing/specs.ts'
import {
  BATCH,
  acted,
  decideFleet,
  newFleetState,
  observed,
  undone,
  wishFleet,
  type FleetWish,
} from './decide.ts'
import { countSlots, expand } from './slots.ts'
import type { FleetActions, FleetState } from './types.ts'

const asked = { by: 'test', why: 'to see' }
const spec = specForTests()

/** What really runs, whatever the fleet believes. */
class World {
  state: FleetState
  running = new Set<number>()
  asked = new Set<number>()

  constructor(size: number) {
    this.state = newFleetState({ size, specHash: 'first', spec }, 1_700_000_000_000)
  }

  wish(wish: FleetWish): void {
    this.state = wishFleet(this.state, wish)
  }

  /** One round as the workflow does it; `fails` says which slots cannot be reached, `ends` which retiring ones are gone. */
  round(fails: (slot: number) => boolean, ends: (slot: number) => boolean): void {
    for (const slot of this.asked) {
      if (!ends(slot)) continue
      this.running.delete(slot)
      this.asked.delete(slot)
    }
    const known = [...expand(this.state.active), ...expand(this.state.retiring)]
    const view = {
      counts: {},
      ended: known.filter((slot) => !this.running.has(slot)),
      unknown: [...this.running].filter((slot) => !known.includes(slot)),
      scaleIn: [],
    }
    this.state = observed(this.state, view)
    const actions = decideFleet(this.state, view)
    this.state = acted(this.state, actions)
    this.state = undone(this.state, this.carryOut(actions, fails))
    this.check()
  }

  private carryOut(
    { start, retire, applySpec }: FleetActions,
    fails: (slot: number) => boolean,
  ): FleetActions {
    for (const slot of start) {
      expect(this.running.has(slot), `slot ${slot} is started while it runs`).toBe(false)
      if (!fails(slot)) this.running.add(slot)
    }
    for (const slot of retire) if (!fails(slot)) this.asked.add(slot)
    return { start: start.filter(fails), retire: retire.filter(fails), applySpec: applySpec.filter(fails) }
  }

  private check(): void {
    const { active, retiring } = this.state
    const both = expand(active).filter((slot) => expand(retiring).includes(slot))
    expect(both, 'slots that count and retire at once').toEqual([])
    expect(JSON.parse(JSON.stringify(this.state))).toEqual(this.state)
  }
}

const never = () => false
const always = () => true

describe('a fleet', () => {
  it('comes to its desired size whatever fails on the way, and loses no host', () => {
    const step = fc.record({ size: fc.nat(12), paused: fc.boolean(), broken: fc.nat(3), slow: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(12), (steps, size) => {
        const world = new World(3)
        for (const { size: wished, paused, broken, slow } of steps) {
          world.wish({ type: 'resize', size: wished, ...asked })
          world.wish({ type: paused ? 'pause' : 'resume', ...asked })
          world.round(
            (slot) => slot % 4 === broken,
            (slot) => slot % 4 !== slow,
          )
        }
        world.wish({ type: 'resume', ...asked })
        world.wish({ type: 'resize', size, ...asked })
        for (let i = 0; i < 6; i++) world.round(never, always)
        expect(countSlots(world.state.active)).toBe(size)
        expect(world.state.retiring).toEqual([])
        expect([...world.running].toSorted((a, b) => a - b)).toEqual(expand(world.state.active))
      }),
      { numRuns: process.env['MUSTER_DEEP'] ? 5_000 : 300, seed: 42 },
    )
  })

  it('starts the lowest numbers that no running host has', () => {
    const world = new World(4)
    world.round(never, never)
    expect(world.state.active).toEqual([[1, 4]])
    world.wish({ type: 'resize', size: 2, ...asked })
    world.round(never, never)
    expect(world.state).toMatchObject({ active: [[1, 2]], retiring: [[3, 4]] })
    world.wish({ type: 'resize', size: 3, ...asked })
    world.round(never, never)
    expect(world.state.active).toEqual([
      [1, 2],
      [5, 5],
    ])
  })

  it('goes in batches', () => {
    const world = new World(BATCH + 50)
    world.round(never, never)
    expect(countSlots(world.state.active)).toBe(BATCH)
    world.round(never, never)
    expect(countSlots(world.state.active)).toBe(BATCH + 50)
  })

  it('changes nothing while it is paused', () => {
    const world = new World(2)
    world.round(never, never)
    world.wish({ type: 'pause', ...asked })
    world.wish({ type: 'resize', size: 5, ...asked })
    world.round(never, never)
    expect(world.state).toMatchObject({ active: [[1, 2]], desired: 5, paused: true })
  })

  it('hands a new spec to each host once, and again where that failed', () => {
    const world = new World(3)
    world.round(never, never)
    world.wish({ type: 'apply', specHash: 'second', spec, ...asked })
    expect(world.state.outdated).toEqual([[1, 3]])
    world.round((slot) => slot === 2, never)
    expect(world.state.outdated).toEqual([[2, 2]])
    world.round(never, never)
    expect(world.state.outdated).toEqual([])
    world.wish({ type: 'apply', specHash: 'second', spec, ...asked })
    expect(world.state.outdated, 'the same spec is no news').toEqual([])
  })

  it('asks a host to retire again when it could not be told', () => {
    const world = new World(2)
    world.round(never, never)
    world.wish({ type: 'resize', size: 1, ...asked })
    world.round(always, never)
    expect(world.state).toMatchObject({ active: [[1, 2]], retiring: [] })
    world.round(never, never)
    expect(world.state).toMatchObject({ active: [[1, 1]], retiring: [[2, 2]] })
  })
})
