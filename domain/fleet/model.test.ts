import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSameAttempt } from '../breaker/hold.ts'
import { isMassSilence } from '../silence/mass.ts'
import { NO_ACTIONS } from './decide.ts'
import { isHalted } from './freeze.ts'
import { DEFAULT_POLICY, MIN_LIFETIME_MS, rolloutRoom, type FleetPolicy } from './policy.ts'
import { expand } from './slots.ts'
import { propertyRuns } from '../testing/property-runs.ts'
import type { FleetActions, FleetState } from './types.ts'
import { BAD, FleetWorld, specOf, type BareWish, type RoundFaults } from './testing/fleet-world.ts'
import { ZONES, type Attribution, type HeldKey } from './testing/world-holds.ts'

const policies: fc.Arbitrary<FleetPolicy> = fc
  .record({
    maxSurge: fc.nat(3),
    maxUnavailable: fc.nat(2),
    onApply: fc.constantFrom('roll' as const, 'nextLaunch' as const),
    overAskPercent: fc.constantFrom(0, 20, 50),
    lifetime: fc.constantFrom(undefined, MIN_LIFETIME_MS, 2 * MIN_LIFETIME_MS),
  })
  .filter(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0)
  .map(({ overAskPercent, lifetime, ...rollout }) => ({
    rollout: { ...rollout, stopAfterFailures: 3 },
    overAskPercent,
    ...(lifetime !== undefined && { maxLifetimeMs: lifetime }),
  }))

const commands = fc.oneof(
  fc.record({ do: fc.constant('resize' as const), size: fc.nat(9) }),
  fc.record({ do: fc.constant('apply' as const), spec: fc.constantFrom('first', 'second', 'third', BAD) }),
  fc.record({ do: fc.constant('roll' as const), force: fc.boolean() }),
  fc.record({
    do: fc.constantFrom('rollback' as const, 'pause' as const, 'resume' as const),
  }),
  fc.record({ do: fc.constant('override' as const) }),
  fc.record({
    do: fc.constantFrom('fail' as const, 'vanish' as const, 'reclaim' as const, 'silent' as const),
    nth: fc.nat(9),
  }),
  fc.record({ do: fc.constant('massSilence' as const) }),
  fc.record({ do: fc.constant('beatsAgain' as const) }),
  fc.record({ do: fc.constant('mark' as const), nth: fc.nat(9) }),
  fc.record({ do: fc.constant('reclaimAll' as const) }),
  fc.record({ do: fc.constant('wait' as const), broken: fc.nat(3) }),
  fc.record({ do: fc.constant('away' as const), minutes: fc.nat(15) }),
  fc.record({ do: fc.constant('answersLost' as const), lost: fc.nat(3) }),
  fc.record({ do: fc.constant('hold' as const), what: fc.constantFrom('fleet', 'image', ...ZONES) }),
  fc.record({ do: fc.constant('release' as const), hold: fc.nat(3) }),
)
type Command = typeof commands extends fc.Arbitrary<infer C> ? C : never

/** After a command all slots go on but those whose number modulo 4 is this; at 4 none does. */
const NOBODY_MOVES = 4
/** Those that are asked to end do not. */
const DRAINING_STAYS = 5
const NOBODY_LAGS = 4
/** Of one story. */
const MAX_COMMANDS = 40
/** Without a size fast-check stops at ten. */
const WHOLE_LENGTH = { maxLength: MAX_COMMANDS, size: 'max' } as const
/** Until a fleet is at rest: holds whose probes have failed last for up to an hour. */
const MAX_ROUNDS = 300
const RUNS = 400
const TIMEOUT_MS = 60_000 * (process.env['MUSTER_DEEP'] ? 30 : 1)
/** Looks from one comparison with what runs to the next. */
const RESYNC_EVERY = 4

/** A command, which slots do not go on after it, and which do not write their rows before it. */
type Chapter = [command: Command, slow: number, lags: number]

const chapter: fc.Arbitrary<Chapter> = fc.tuple(commands, fc.nat(DRAINING_STAYS), fc.nat(NOBODY_LAGS + 2))

/** Launches while many still retire: chance rarely makes hosts slow enough for the limit to be met. */
const SHRINKS_AND_GROWS: Chapter[] = [
  [{ do: 'resize', size: 9 }, 0, 0],
  [{ do: 'resize', size: 0 }, NOBODY_MOVES, 0],
  [{ do: 'resize', size: 9 }, NOBODY_MOVES, 0],
]

/** Agents that announce again and again that the cloud takes their hosts, which drain for hours: successors, too. */
const ALL_ARE_TAKEN: Chapter[] = Array.from({ length: 12 }, (_, at) => [
  at % 4 === 0 ? { do: 'reclaimAll' } : { do: 'resize', size: 4 },
  at % 4 === 0 ? NOBODY_MOVES : DRAINING_STAYS,
  NOBODY_LAGS,
])

function carryOut(world: FleetWorld, command: Command): void {
  if ('nth' in command) return strike(world, command)
  if (command.do === 'hold') return world.holds.hold(keyOf(world, command.what), world.now)
  if (command.do === 'release') return world.holds.release(command.hold)
  if (command.do === 'away') return world.pass(command.minutes)
  const wish = wishOf(command)
  if (wish) world.wish(wish)
  if (command.do === 'massSilence') world.change('ready', { phase: 'silent' })
  if (command.do === 'reclaimAll') world.change('ready', taken(world))
  if (command.do === 'beatsAgain') world.change('silent', { phase: 'ready' })
}

function keyOf({ state }: FleetWorld, what: string): HeldKey {
  if (what === 'fleet') return { scope: 'fleet' }
  const image = state.specHash
  return what === 'image' ? { scope: 'image', image } : { scope: 'placement', image, zone: what }
}

const taken = ({ now }: FleetWorld) => ({
  phase: 'draining' as const,
  wish: 'replace' as const,
  reclaimAt: now + 300_000,
})

function wishOf(command: Exclude<Command, { nth: number }>): BareWish | undefined {
  if (command.do === 'resize') return { type: 'resize', size: command.size }
  if (command.do === 'apply') return { type: 'apply', specHash: command.spec, spec: specOf(command.spec) }
  if (command.do === 'roll') return { type: 'roll', force: command.force }
  if (command.do === 'override') return { type: 'overrideFreeze', forMs: 120_000 }
  const { do: what } = command
  return what === 'rollback' || what === 'pause' || what === 'resume' ? { type: what } : undefined
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
  if (command.do === 'reclaim') world.set(slot, taken(world))
}

/** How often what the rules are about has happened in the stories: a model that never gets there proves nothing. */
const reached = {
  'a story of thirty commands and more': 0,
  'a host waits for a hold': 0,
  'a host launches beside a hold': 0,
  'a host probes': 0,
  'something was not done': 0,
  'an answer was lost': 0,
  'something is asked again': 0,
  'a host is not as its row says': 0,
  'rows lag': 0,
  'as many hosts as may be': 0,
  'as many hosts as may be, more taken than wanted': 0,
  'a fleet grows': 0,
  'a fleet shrinks by hosts that work': 0,
  'a host is reclaimed': 0,
  'a host that works is rolled': 0,
  'a host that works has reached its lifetime': 0,
  'a rollout is done': 0,
  'a rollout is stopped': 0,
  'a surge host is there': 0,
  'more are asked for than wanted': 0,
  'a frozen fleet holds still': 0,
  'a frozen fleet acts, as a person has said': 0,
  'a paused fleet holds still': 0,
}
type Situation = keyof typeof reached
/** Of each, over all stories. */
const WANTED = 10

const saw = (situations: Record<string, boolean>): void => {
  for (const [name, holds] of Object.entries(situations)) if (holds) reached[name as Situation] += 1
}

/** One round; what is broken after it, in words. */
function round(world: FleetWorld, faults: RoundFaults = {}): string[] {
  const upBefore = world.up()
  const actions = world.round(faults)
  const { state, view } = world
  if (!view) return ['nothing was seen']
  const active = expand(state.active)
  const isActive = new Set(active)
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
    ['a halted fleet does nothing', !isHalted(state, world.now) || toldBy(actions).length === 0],
    ['launches stay within the limit', actions.start.length === 0 || world.hosts.size <= mostHosts(world)],
    ['enough stay ready', world.up() >= Math.min(upBefore, state.desired - unavailable - world.blind)],
  ]
  return rules.filter(([, holds]) => !holds).map(([rule]) => rule)
}

/** `before`: what the fleet knew when it decided. */
function count(world: FleetWorld, before: FleetState, faults: RoundFaults): void {
  countFaults(world, before, faults)
  countActs(world)
  const { rollout, frozen, paused, overshoot, surge, extra, desired } = world.state
  const wasRolling = before.rollout?.state === 'rolling'
  saw({
    'as many hosts as may be': overshoot !== undefined,
    'as many hosts as may be, more taken than wanted':
      overshoot !== undefined && announcedOf(world) > desired,
    'a rollout is done': wasRolling && rollout?.state === 'done',
    'a rollout is stopped': wasRolling && rollout?.state === 'stopped',
    'a surge host is there': surge.length > 0,
    'more are asked for than wanted': extra > 0,
    'a frozen fleet holds still': frozen !== undefined && isHalted(world.state, world.now),
    'a paused fleet holds still': paused,
  })
}

function countFaults(
  { last, rows, hosts, blind }: FleetWorld,
  { unclear = [] }: FleetState,
  { fails, loses, lags }: RoundFaults,
): void {
  const told = toldBy(last ?? NO_ACTIONS)
  saw({
    'something was not done': told.some((slot) => fails?.(slot)),
    'an answer was lost': told.some((slot) => loses?.(slot)),
    'something is asked again': expand(unclear).some((slot) => told.includes(slot)),
    'a host is not as its row says': blind > 0,
    'rows lag': [...hosts.values()].some(
      ({ slot, phase }) => lags?.(slot) && rows.get(slot)?.phase !== phase,
    ),
  })
}

function countActs({ last = NO_ACTIONS, view, state }: FleetWorld): void {
  const { start, retire, reclaimed, replace } = last
  const up = new Set(view?.survey.scaleIn.filter((one) => one.up).map(({ slot }) => slot))
  const replacesReady = replace.some((one) => one.up)
  const isRolling = state.rollout?.state === 'rolling'
  saw({
    'a fleet grows': start.length > 0,
    'a fleet shrinks by hosts that work': retire.some((slot) => up.has(slot)),
    'a host is reclaimed': reclaimed.length > 0,
    'a host that works is rolled': isRolling && replacesReady,
    'a host that works has reached its lifetime': !isRolling && replacesReady,
    'a frozen fleet acts, as a person has said': state.frozen !== undefined && toldBy(last).length > 0,
  })
}

/** What a person who reads the policy would say: surge, over-asked ones, a successor for each reclaimed one, and two. */
function mostHosts(world: FleetWorld): number {
  const { policy, desired } = world.state
  const overAsked = Math.ceil((desired * policy.overAskPercent) / 100)
  const announced = announcedOf(world)
  return desired + rolloutRoom(policy, desired).surge + overAsked + Math.min(announced, desired) + 2
}

/** As written: the fleet cannot know more. */
const announcedOf = ({ hosts, rows }: FleetWorld): number =>
  [...hosts.keys()].filter((slot) => rows.get(slot)?.reclaimAt !== undefined).length

/** Hosts go on; what a hold did that it must not, in words: stop others than those of its key, or let those launch. */
function step(world: FleetWorld, does: (slot: number) => boolean): string[] {
  world.step(does)
  return world.holds.asked.splice(0).flatMap((asked) => {
    const { host, zone, probes } = asked
    const held = ZONES.filter((one) => isHeld(one, asked, world.now))
    saw({
      'a host waits for a hold': zone === undefined,
      'a host launches beside a hold': zone !== undefined && probes === 0,
      'a host probes': zone !== undefined && probes > 0,
    })
    if (zone !== undefined && held.includes(zone))
      return [`slot ${host.slot} launches in ${zone} under a hold`]
    return zone === undefined && held.length < ZONES.length ? [`slot ${host.slot} waits for no hold`] : []
  })
}

/** By the words of the design: a hold stops its key until it has cooled down; then one attempt may try. */
const isHeld = (place: string, { host, holds }: Attribution, now: number): boolean =>
  holds.some(({ scope, imageId, zone, probe, until }) => {
    const isOfKey = scope === 'fleet' || (imageId === host.specHash && (scope === 'image' || zone === place))
    const prober = probe && probe.until > now ? probe : undefined
    return (
      isOfKey && (prober ? !isSameAttempt(prober, { ...host, host: `render/${host.slot}` }) : until > now)
    )
  })

const isNothing = (actions: FleetActions = NO_ACTIONS): boolean =>
  toldBy(actions).length + actions.applySpec.length === 0

/** Nothing is asked of anybody, and nobody waits: holds may keep a host waiting for longer than a fleet needs to act. */
const isAtRest = (world: FleetWorld, size: number): boolean =>
  isNothing(world.last) && world.up() === size && world.hosts.size === size

const toldBy = ({ start, retire, reclaimed, replace }: FleetActions): number[] => [
  ...start,
  ...retire,
  ...reclaimed,
  ...replace.map(({ slot }) => slot),
]

function tell(world: FleetWorld, [command, slow, lags]: Chapter): string[] {
  carryOut(world, command)
  const faults: RoundFaults = {
    fails: (slot) => command.do === 'wait' && slot % 4 === command.broken,
    loses: (slot) => command.do === 'answersLost' && slot % 4 === command.lost,
    lags: (slot) => slot % 4 === lags,
  }
  const before = world.state
  const broken = round(world, faults)
  count(world, before, faults)
  const goesOn = (slot: number) =>
    slow === DRAINING_STAYS
      ? world.hosts.get(slot)?.phase !== 'draining'
      : slow !== NOBODY_MOVES && slot % 4 !== slow
  return [...broken, ...step(world, goesOn)]
}

describe('a fleet, whatever happens and is asked', () => {
  it(
    'keeps its limits, and ends at what is wanted',
    () => {
      fc.assert(
        fc.property(fc.array(chapter, WHOLE_LENGTH), policies, fc.nat(6), (story, policy, size) => {
          const world = new FleetWorld(4, policy)
          world.resyncEvery = RESYNC_EVERY
          saw({ 'a story of thirty commands and more': story.length >= 30 })
          for (const one of story) expect(tell(world, one)).toEqual([])
          const { maxLifetimeMs: _none, ...lasting } = policy
          world.wish({ type: 'apply', specHash: 'last', spec: specOf('last'), policy: lasting })
          world.wish({ type: 'roll' })
          world.wish({ type: 'resume' })
          world.wish({ type: 'resize', size })
          for (let i = 0, quiet = 0; i < MAX_ROUNDS && quiet < 2 * RESYNC_EVERY; i++) {
            world.change('silent', { phase: 'ready' })
            expect(round(world)).toEqual([])
            world.step()
            quiet = isAtRest(world, size) ? quiet + 1 : 0
          }
          const { state } = world
          expect([...world.hosts.keys()].toSorted((a, b) => a - b)).toEqual(expand(state.active))
          expect(world.up()).toBe(size)
          expect(state).toMatchObject({ retiring: [], surge: [], replacing: [], extra: 0 })
          expect(new Set([...world.hosts.values()].map(({ specHash }) => specHash))).toEqual(
            new Set(size === 0 ? [] : ['last']),
          )
        }),
        {
          ...propertyRuns(42, RUNS),
          examples: [
            [SHRINKS_AND_GROWS, DEFAULT_POLICY, 9],
            [ALL_ARE_TAKEN, DEFAULT_POLICY, 4],
          ],
        },
      )
      const rare = Object.entries(reached).filter(([, times]) => times < WANTED)
      expect(rare, 'situations that hardly came about').toEqual([])
    },
    TIMEOUT_MS,
  )

  it('is halted by mass silence alone, not by one silent host', () => {
    expect(isMassSilence(1, 1)).toBe(false)
    expect(isMassSilence(3, 10)).toBe(false)
    expect(isMassSilence(4, 10)).toBe(true)
    expect(isMassSilence(20, 100)).toBe(false)
    expect(isMassSilence(21, 100)).toBe(true)
  })
})
