import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMassSilence } from '../silence/mass.ts'
import { isHalted } from './freeze.ts'
import { DEFAULT_POLICY, rolloutRoom, type FleetPolicy } from './policy.ts'
import { expand } from './slots.ts'
import { BAD, FleetWorld, specOf, type BareWish } from './testing/fleet-world.ts'

const policies: fc.Arbitrary<FleetPolicy> = fc
  .record({
    maxSurge: fc.nat(3),
    maxUnavailable: fc.nat(2),
    onApply: fc.constantFrom('roll' as const, 'nextLaunch' as const),
    overAskPercent: fc.constantFrom(0, 20, 50),
    lives: fc.boolean(),
  })
  .filter(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0)
  .map(({ overAskPercent, lives, ...rollout }) => ({
    rollout: { ...rollout, stopAfterFailures: 3 },
    overAskPercent,
    ...(lives && { maxLifetimeMs: 20 * 60_000 }),
  }))

const commands = fc.oneof(
  fc.record({ do: fc.constant('resize' as const), size: fc.nat(9) }),
  fc.record({ do: fc.constant('apply' as const), spec: fc.constantFrom('first', 'second', 'third', BAD) }),
  fc.record({ do: fc.constant('roll' as const), force: fc.boolean() }),
  fc.record({
    do: fc.constantFrom('rollback' as const, 'pause' as const, 'resume' as const, 'override' as const),
  }),
  fc.record({
    do: fc.constantFrom('fail' as const, 'vanish' as const, 'reclaim' as const, 'silent' as const),
    nth: fc.nat(9),
  }),
  fc.record({ do: fc.constant('massSilence' as const) }),
  fc.record({ do: fc.constant('beatsAgain' as const) }),
  fc.record({ do: fc.constant('mark' as const), nth: fc.nat(9) }),
  fc.record({ do: fc.constant('wait' as const), broken: fc.nat(3) }),
)
type Command = typeof commands extends fc.Arbitrary<infer C> ? C : never

/** After a command all slots go on but those whose number modulo 4 is this; at 4 none does. */
const NOBODY_MOVES = 4

/** Launches while many still retire: chance rarely makes hosts slow enough for the limit to be met. */
const SHRINKS_AND_GROWS: [Command, number][] = [
  [{ do: 'resize', size: 9 }, 0],
  [{ do: 'resize', size: 0 }, NOBODY_MOVES],
  [{ do: 'resize', size: 9 }, NOBODY_MOVES],
]

function carryOut(world: FleetWorld, command: Command): void {
  if ('nth' in command) return strike(world, command)
  const wish = wishOf(command)
  if (wish) world.wish(wish)
  if (command.do === 'massSilence') world.change('ready', { phase: 'silent' })
  if (command.do === 'beatsAgain') world.change('silent', { phase: 'ready' })
}

function wishOf(command: Exclude<Command, { nth: number }>): BareWish | undefined {
  switch (command.do) {
    case 'resize':
      return { type: 'resize', size: command.size }
    case 'apply':
      return { type: 'apply', specHash: command.spec, spec: specOf(command.spec) }
    case 'roll':
      return { type: 'roll', force: command.force }
    case 'override':
      return { type: 'overrideFreeze', forMs: 120_000 }
    case 'rollback':
    case 'pause':
    case 'resume':
      return { type: command.do }
    case 'massSilence':
    case 'beatsAgain':
    case 'wait':
      return undefined
    default:
      return command satisfies never
  }
}

/** What befalls one of the ready hosts. */
function strike(world: FleetWorld, command: Extract<Command, { nth: number }>): void {
  const slots = world.slots('ready')
  const slot = slots[command.nth % Math.max(1, slots.length)]
  if (slot === undefined) return
  const host = world.hosts.get(slot)
  if (command.do === 'fail')
    world.set(slot, { phase: 'waiting', attempt: (host?.attempt ?? 1) + 1, failure: 'lost' })
  if (command.do === 'vanish') world.hosts.delete(slot)
  if (command.do === 'silent') world.set(slot, { phase: 'silent' })
  if (command.do === 'mark') world.wish({ type: 'mark', slots: [slot] })
  if (command.do === 'reclaim') {
    world.set(slot, { phase: 'draining', wish: 'replace', reclaimAt: world.now + 300_000 })
  }
}

/** One round; what is broken after it, in words. */
function round(world: FleetWorld, fails: (slot: number) => boolean = () => false): string[] {
  const upBefore = world.up()
  const actions = world.round(fails)
  const { state, view } = world
  if (!view) return ['nothing was seen']
  const active = expand(state.active)
  const isActive = new Set(active)
  const told = [...actions.start, ...actions.retire, ...actions.reclaimed, ...actions.replace]
  const { unavailable } = rolloutRoom(state.policy, state.desired)
  const rules: [string, boolean][] = [
    ['the state is plain JSON', JSON.stringify(JSON.parse(JSON.stringify(state))) === JSON.stringify(state)],
    ['no slot counts and retires at once', expand(state.retiring).every((slot) => !isActive.has(slot))],
    [
      'surge, marks and outdated slots are the fleet’s',
      [state.surge, state.marks, state.outdated].every((slots) =>
        expand(slots).every((slot) => isActive.has(slot)),
      ),
    ],
    ['a halted fleet does nothing', !isHalted(state, world.now) || told.length === 0],
    ['launches stay within the limit', actions.start.length === 0 || world.hosts.size <= mostHosts(world)],
    ['enough stay ready', world.up() >= Math.min(upBefore, state.desired - unavailable)],
  ]
  return rules.filter(([, holds]) => !holds).map(([rule]) => rule)
}

/** What a person who reads the policy would say: surge, over-asked ones, a successor for each reclaimed one, and two. */
function mostHosts({ hosts, state: { policy, desired } }: FleetWorld): number {
  const overAsked = Math.ceil((desired * policy.overAskPercent) / 100)
  const announced = [...hosts.values()].filter(({ reclaimAt }) => reclaimAt !== undefined).length
  return desired + rolloutRoom(policy, desired).surge + overAsked + Math.min(announced, desired) + 2
}

describe('a fleet, whatever happens and is asked', () => {
  it('keeps its limits, and ends at what is wanted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(commands, fc.nat(NOBODY_MOVES)), { maxLength: 40 }),
        policies,
        fc.nat(6),
        (story, policy, size) => {
          const world = new FleetWorld(4, policy)
          for (const [command, slow] of story) {
            carryOut(world, command)
            const broken = round(world, (slot) => command.do === 'wait' && slot % 4 === command.broken)
            expect(broken).toEqual([])
            world.step((slot) => slow !== NOBODY_MOVES && slot % 4 !== slow)
          }
          const { maxLifetimeMs: _none, ...lasting } = policy
          world.wish({ type: 'apply', specHash: 'last', spec: specOf('last'), policy: lasting })
          world.wish({ type: 'roll' })
          world.wish({ type: 'resume' })
          world.wish({ type: 'resize', size })
          for (let i = 0; i < 90; i++) {
            world.change('silent', { phase: 'ready' })
            expect(round(world)).toEqual([])
            world.step()
          }
          const { state } = world
          expect([...world.hosts.keys()].toSorted((a, b) => a - b)).toEqual(expand(state.active))
          expect(world.up()).toBe(size)
          expect(state).toMatchObject({ retiring: [], surge: [], replacing: [], extra: 0 })
          expect(new Set([...world.hosts.values()].map(({ specHash }) => specHash))).toEqual(
            new Set(size === 0 ? [] : ['last']),
          )
        },
      ),
      {
        numRuns: process.env['MUSTER_DEEP'] ? 5_000 : 200,
        seed: 42,
        examples: [[SHRINKS_AND_GROWS, DEFAULT_POLICY, 9]],
      },
    )
  })

  it('is halted by mass silence alone, not by one silent host', () => {
    expect(isMassSilence(1, 1)).toBe(false)
    expect(isMassSilence(3, 10)).toBe(false)
    expect(isMassSilence(4, 10)).toBe(true)
    expect(isMassSilence(20, 100)).toBe(false)
    expect(isMassSilence(21, 100)).toBe(true)
  })
})
