import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { specForTests } from '../testing/specs.ts'
import { decide } from './decide.ts'
import type { Happening, HostMachineEvent } from './events.ts'
import { keepMs } from './ending.ts'
import { recordOf, written } from './record.ts'
import { newHostState } from './state.ts'
import type { HostPhase, HostState, HostStep } from './types.ts'

const PHASES_OF: Record<HostStep, HostPhase[]> = {
  plan: ['launching'],
  wait: ['waiting'],
  launch: ['launching'],
  lookup: ['launching'],
  lookupPause: ['launching'],
  awaitRunning: ['booting'],
  awaitStarted: ['booting'],
  becomeReady: ['ready'],
  watch: ['ready'],
  inspect: ['silent', 'ready'],
  grace: ['silent'],
  judge: ['silent'],
  judgePause: ['silent'],
  tellDrain: ['draining'],
  awaitDrained: ['draining'],
  evidence: ['deleting'],
  preserve: ['deleting'],
  delete: ['deleting'],
  end: ['retired'],
}

const HOST = 'render/00007'
const GENERATION = 'a1b2c3d4e5'
const PLACEMENT = { zone: 'cn-hangzhou-h', vSwitchId: 'vsw-h', instanceType: 'ecs.c7.large' }

interface Instance {
  id: string
  attempt: number
  live: boolean
  preserved: boolean
}

/** The world around one host: what the cloud really has, whatever the host is told of it. */
class World {
  now = 1_700_000_000_000
  instances: Instance[] = []
  state: HostState
  private readonly saw: Saw

  constructor(preserveFailedMs: number, saw: Saw = () => {}) {
    this.saw = saw
    const spec = specForTests({ preserveFailedMs })
    this.state = newHostState({ host: HOST, specHash: 'abc', spec }, GENERATION, this.now)
  }

  say(event: Happening): void {
    this.now += 1000
    const before = this.state
    this.state = decide(before, { ...event, at: this.now } as HostMachineEvent)
    this.saw(before, event, this)
    this.check(before, event)
  }

  make(): string {
    const { n, launch } = this.state.current
    const id = `i-${n}-${launch}`
    if (!this.instances.some((instance) => instance.id === id)) {
      this.instances.push({ id, attempt: n, live: true, preserved: false })
    }
    return id
  }

  live(): Instance[] {
    return this.instances.filter((instance) => instance.live && !instance.preserved)
  }

  lose(): void {
    for (const instance of this.live()) instance.live = false
  }

  private check(before: HostState, event: Happening): void {
    const { state } = this
    if (state === before) return
    if (before.step === 'launch' && state.stepNo !== before.stepNo) {
      expect(['launched', 'refused', 'unclear'], 'a launch in flight is waited for').toContain(event.type)
    }
    expect(PHASES_OF[state.step], `phase of step ${state.step}`).toContain(state.phase)
    expect(this.live().length, 'live instances of one host').toBeLessThanOrEqual(1)
    const lost = this.live().filter((instance) => instance.attempt < state.current.n)
    expect(lost, 'an instance of an ended attempt lives on').toEqual([])
    const unknown = this.live().filter(({ id }) => id !== state.current.instanceId)
    if (unknown.length > 0)
      expect(LOOKS_FOR_IT, 'a live instance is known, or still looked for').toContain(state.step)
    if (state.step === 'end') expect(this.live(), 'an ended host leaves nothing').toEqual([])
    if (before.cancelled && before.step !== 'launch')
      expect(state.step, 'nothing is launched after a cancel').not.toBe('launch')
    this.checkMessage(before, event)
    expect(state.events.map((event) => event.seq)).toEqual(
      state.events.map((_, i) => state.seq - state.events.length + 1 + i),
    )
    const sameLaunch = before.current.n === state.current.n && before.current.launch === state.current.launch
    if (sameLaunch && before.current.bootDeadline !== undefined) {
      expect(state.current.bootDeadline, 'the deadline of a launch never moves').toBe(
        before.current.bootDeadline,
      )
    }
    if (state.step === 'awaitStarted') expect(state.current.bootDeadline).toBeDefined()
    expect(JSON.parse(JSON.stringify(state))).toEqual(state)
  }

  /** What agents and the cloud tell of an instance changes what it should, and no more. */
  private checkMessage(before: HostState, event: Happening): void {
    const { state } = this
    if (isReboot(before, event)) {
      expect(state.current, 'a reboot is the same instance').toEqual({
        ...before.current,
        bootId: event.signal.bootId,
      })
      expect(state.phase, 'a host that has rebooted is heard').toBe('ready')
    }
    if (isReclaim(before, event)) {
      expect(['draining', 'deleting'], 'what the cloud takes is used no more').toContain(state.phase)
      expect(state.current).toMatchObject({ n: before.current.n, instanceId: before.current.instanceId })
      expect(state.wish, 'it is replaced, or what was wished before').toBeDefined()
    }
    if (event.type === 'launched' && (before.cancelled || before.wish?.kind === 'retire'))
      expect(state.phase, 'what is no longer wanted is deleted as soon as it is known').toBe('deleting')
  }

  /** Carries out the current step; `dice` chooses among what can happen. What was told before travels with it. */
  perform(dice: number): void {
    if (!this.state.later) this.state = written(this.state, this.state.seq)
    const pick = <T>(...choices: T[]): T => choices[dice % choices.length] as T
    const acts: Record<HostStep, () => void> = {
      plan: () =>
        pick(
          () => this.say({ type: 'planned', placement: PLACEMENT }),
          () => this.say({ type: 'planned', placement: PLACEMENT }),
          () => this.say({ type: 'planned', placement: PLACEMENT }),
          () => this.say({ type: 'held', waitMs: 1000, reason: 'no stock' }),
        )(),
      wait: () => this.say({ type: 'waited' }),
      launch: () =>
        pick(
          ...Array.from({ length: 4 }, () => () => this.say({ type: 'launched', instanceId: this.make() })),
          () => this.refuse('capacity'),
          () => this.refuse('account'),
          () => (this.make(), this.say({ type: 'unclear', reason: 'no answer' })),
          () => this.say({ type: 'unclear', reason: 'no answer' }),
        )(),
      lookup: () => {
        const mine = this.live().filter((instance) => instance.attempt === this.state.current.n)
        const late = dice % 3 === 0 && this.state.current.lookups === 0
        this.say({ type: 'found', instanceIds: late ? [] : mine.map((instance) => instance.id) })
      },
      lookupPause: () => this.say({ type: 'waited' }),
      awaitRunning: () =>
        pick(
          () => this.say({ type: 'running', privateIp: '127.16.0.9', mac: '00:16:3e:00:00:01' }),
          () => this.say({ type: 'running', privateIp: '127.16.0.9', mac: '00:16:3e:00:00:01' }),
          () => this.say({ type: 'notRunning', reason: 'slow' }),
          () => (this.lose(), this.say({ type: 'lost', reason: 'vanished' })),
        )(),
      awaitStarted: () =>
        pick(
          () => this.say({ type: 'deadline' }),
          () => speak(this, 'started'),
          () => speak(this, 'started'),
        )(),
      becomeReady: () =>
        pick(
          () => this.say({ type: 'welcomed' }),
          () => this.say({ type: 'welcomed' }),
          () => this.say({ type: 'welcomed' }),
          () => (this.lose(), this.say({ type: 'lost', reason: 'vanished' })),
        )(),
      watch: () => {
        if (dice % 2 === 1) return undefined
        if (this.state.liveness === 'agent') return this.say({ type: 'silent' })
        this.lose()
        return this.say({ type: 'lost', reason: 'vanished' })
      },
      inspect: () =>
        pick(
          () => this.say({ type: 'inspected', alive: true, reason: '' }),
          () => this.say({ type: 'inspected', alive: true, reason: '' }),
          () => this.say({ type: 'inspected', alive: true, reason: '' }),
          () => (this.lose(), this.say({ type: 'inspected', alive: false, reason: 'gone' })),
        )(),
      grace: () => this.say({ type: 'graceOver' }),
      judge: () => this.say({ type: 'judged', verdict: pick('replace', 'wait'), reason: 'because' }),
      judgePause: () => this.say({ type: 'waited' }),
      tellDrain: () => this.say({ type: 'drainTold' }),
      awaitDrained: () =>
        pick(
          () => this.say({ type: 'drainDeadline' }),
          () => speak(this, 'drained'),
        )(),
      evidence: () => this.say({ type: 'evidenceTaken' }),
      preserve: () => {
        for (const instance of this.live()) instance.preserved = true
        this.say({ type: 'preserved' })
      },
      delete: () => {
        const { n, instanceId } = this.state.current
        // By its id alone, where the host knows one; else by its tags.
        for (const instance of this.live()) {
          if (instanceId === undefined ? instance.attempt === n : instance.id === instanceId)
            instance.live = false
        }
        this.say({ type: 'gone' })
      },
      end: () => {},
    }
    acts[this.state.step]()
  }

  /** The request in flight has reached the cloud, though its answer has not reached us. */
  reach(): void {
    if (this.state.step === 'launch') this.make()
  }

  /** A definite no is never said of a launch that has made something. */
  private refuse(kind: 'capacity' | 'account'): void {
    const { n, launch } = this.state.current
    const made = this.instances.find((instance) => instance.id === `i-${n}-${launch}`)
    if (made) return this.say({ type: 'launched', instanceId: made.id })
    this.say({ type: 'refused', kind, code: 'OperationDenied.NoStock', message: 'none left' })
  }
}

/** Steps at which the host need not know yet what the cloud has made for it. */
const LOOKS_FOR_IT: HostStep[] = ['launch', 'lookup', 'lookupPause', 'delete']

const isReboot = (before: HostState, event: Happening): event is Extract<Happening, { type: 'started' }> =>
  event.type === 'started' &&
  (before.phase === 'ready' || before.phase === 'silent') &&
  event.signal.attempt === before.current.n &&
  event.signal.bootId !== before.current.bootId

const isReclaim = (
  before: HostState,
  event: Happening,
): event is Extract<Happening, { type: 'reclaimNotice' }> =>
  event.type === 'reclaimNotice' && (before.phase === 'ready' || before.phase === 'silent')

type Saw = (before: HostState, event: Happening, world: World) => void

/** What must have happened for the property to say anything of it. */
const SITUATIONS: Record<string, (...seen: Parameters<Saw>) => boolean> = {
  'an instance is there while its launch is in flight': ({ step }, event, world) =>
    step === 'launch' &&
    world.state.step === 'launch' &&
    world.live().length === 1 &&
    event.type !== 'drained',
  'its agent speaks while its launch is in flight': ({ step }, { type }, world) =>
    step === 'launch' && type === 'started' && world.state.current.claimedId === world.live()[0]?.id,
  'a launch answers after a cancel': ({ cancelled }, { type }) => cancelled && type === 'launched',
  'a launch answers after a retire': ({ wish }, { type }) => wish?.kind === 'retire' && type === 'launched',
  'a launch is unclear after a cancel': ({ cancelled }, { type }) => cancelled && type === 'unclear',
  'an instance of a cancelled host is found by its tags': ({ cancelled }, event) =>
    cancelled && event.type === 'found' && event.instanceIds.length === 1,
  'an instance is found at the second look alone': ({ current }, event) =>
    event.type === 'found' && event.instanceIds.length === 1 && current.lookups === 1,
  'a reboot while ready': (before, event) => isReboot(before, event) && before.phase === 'ready',
  'a reboot while silent': (before, event) => isReboot(before, event) && before.phase === 'silent',
  'a notice of reclaim while ready': (before, event) => isReclaim(before, event) && before.phase === 'ready',
  'a notice of reclaim while silent': (before, event) =>
    isReclaim(before, event) && before.phase === 'silent',
  'a notice that leaves no time to drain': (before, event) =>
    isReclaim(before, event) && before.phase === 'ready' && event.signal.inMs <= 60_000,
  'a notice while it is kept from work already': ({ phase }, { type }) =>
    phase === 'draining' && type === 'reclaimNotice',
  'the cloud takes an instance that drains': ({ phase }, { type }, world) =>
    phase === 'draining' && type === 'drainDeadline' && world.live().length === 0,
  'a cancel while waiting': ({ phase }, { type }) => phase === 'waiting' && type === 'cancel',
  'a cancel while booting': ({ phase }, { type }) => phase === 'booting' && type === 'cancel',
  'a cancel while ready': ({ phase }, { type }) => phase === 'ready' && type === 'cancel',
  'a failed instance is kept': (_, { type }) => type === 'preserved',
}
/** Of each, over all runs. */
const WANTED = 10

/** Counts how often each situation came about. */
function countSituations(): { counts: Record<string, number>; saw: Saw } {
  const counts = Object.fromEntries(Object.keys(SITUATIONS).map((name) => [name, 0]))
  return {
    counts,
    saw: (...seen) => {
      for (const [name, holds] of Object.entries(SITUATIONS))
        if (holds(...seen)) counts[name] = (counts[name] ?? 0) + 1
    },
  }
}

/** What people, agents and the cloud may say or do at any time; half of the time the host's own step goes on. */
const happening = fc.record({
  kind: fc.oneof(
    { weight: 24, arbitrary: fc.constant('step') },
    { weight: 4, arbitrary: fc.constantFrom('reach', 'started') },
    { weight: 8, arbitrary: fc.constantFrom('wrong', 'late', 'rebooted', 'heard', 'drained', 'failed') },
    { weight: 5, arbitrary: fc.constantFrom('take', 'reclaim', 'hasty') },
    { weight: 4, arbitrary: fc.constantFrom('drain', 'replace', 'now', 'preserve', 'spec') },
    // They end a story: seldom.
    { weight: 1, arbitrary: fc.constantFrom('retire', 'cancel', 'cancel') },
  ),
  dice: fc.nat(23),
})

const asked = { by: 'test', why: 'to see' }

function speak(world: World, kind: string): void {
  const { current, generation } = world.state
  const about = { generation, attempt: current.n }
  const instanceId = current.instanceId ?? world.live()[0]?.id ?? 'i-unknown'
  const facts = {
    instanceId,
    mac: '00:16:3e:99:99:99',
    privateIp: '10.9.9.9',
    cpu: { logical: 2, source: 'os' as const },
    memoryBytes: 1,
    os: { platform: 'linux', release: '', arch: '', hostname: '' },
    agentVersion: '1',
    programStartedAt: '',
  }
  const started = { ...about, bootId: 'boot-1', facts, liveness: 'agent' as const }
  const says: Record<string, () => void> = {
    reach: () => world.reach(),
    take: () => world.lose(),
    started: () => world.say({ type: 'started', signal: started }),
    wrong: () =>
      world.say({ type: 'started', signal: { ...started, facts: { ...facts, instanceId: 'i-foreign' } } }),
    late: () => world.say({ type: 'started', signal: { ...started, attempt: current.n - 1 } }),
    rebooted: () =>
      world.say({ type: 'started', signal: { ...started, bootId: `boot-of-${world.now + 2_000}` } }),
    heard: () => world.say({ type: 'heard', signal: about }),
    drained: () => world.say({ type: 'drained', signal: about }),
    failed: () => world.say({ type: 'workloadFailed', signal: { ...about, reason: 'crashed' } }),
    reclaim: () => world.say({ type: 'reclaimNotice', signal: { ...about, reason: 'spot', inMs: 300_000 } }),
    hasty: () => world.say({ type: 'reclaimNotice', signal: { ...about, reason: 'spot', inMs: 30_000 } }),
    drain: () => world.say({ type: 'drain', request: asked }),
    replace: () => world.say({ type: 'replace', request: asked }),
    now: () => world.say({ type: 'replace', request: { ...asked, drain: false } }),
    retire: () => world.say({ type: 'retire', request: asked }),
    preserve: () => world.say({ type: 'preserve', request: { ...asked, forMs: 1_800_000 } }),
    spec: () => world.say({ type: 'applySpec', request: { ...asked, hash: 'def', spec: specForTests() } }),
    cancel: () => world.say({ type: 'cancel' }),
  }
  const say = says[kind]
  if (!say) throw new Error(`nobody says ${kind}`)
  say()
}

const RUNS = process.env['MUSTER_DEEP'] ? 20_000 : 1_000

describe('a host under any order of answers and messages', () => {
  it(
    'stays legal, has never two live instances, loses none, and ends when it is retired',
    () => {
      const { counts, saw } = countSituations()
      fc.assert(
        fc.property(
          fc.array(happening, { maxLength: 60, size: 'max' }),
          fc.constantFrom(0, 1_800_000),
          (happenings, preserveFailedMs) => {
            const world = new World(preserveFailedMs, saw)
            for (const { kind, dice } of happenings) {
              if (kind === 'step') world.perform(dice)
              else speak(world, kind)
            }
            speak(world, 'retire')
            for (let i = 0; i < 50 && world.state.step !== 'end'; i++) world.perform(0)
            expect(world.state.step).toBe('end')
          },
        ),
        { numRuns: RUNS, seed: 42 },
      )
      const rare = Object.entries(counts).filter(([, count]) => count < WANTED)
      expect(rare, 'situations that hardly came about').toEqual([])
    },
    60_000 * (process.env['MUSTER_DEEP'] ? 30 : 1),
  )
})

describe('the edges of a boot', () => {
  const booted = () => {
    const world = new World(0)
    world.say({ type: 'planned', placement: PLACEMENT })
    world.say({ type: 'launched', instanceId: world.make() })
    world.say({ type: 'running', privateIp: '127.16.0.9' })
    return world
  }

  it('the boot deadline counts from the launch, and a refused launch gets its own', () => {
    const world = new World(0)
    world.say({ type: 'planned', placement: PLACEMENT })
    const first = world.state.current.bootDeadline
    expect(first).toBe(world.now + 20 * 60_000)
    world.say({ type: 'refused', kind: 'capacity', code: 'OperationDenied.NoStock', message: 'none' })
    expect(world.state.current).toMatchObject({ n: 1, launch: 2 })
    expect(world.state.current.bootDeadline).toBeUndefined()
    world.say({ type: 'planned', placement: PLACEMENT })
    expect(world.state.current.bootDeadline).toBeGreaterThan(first ?? 0)
  })

  it('a "started" after the deadline path has begun changes nothing but the journal', () => {
    const world = booted()
    world.say({ type: 'deadline' })
    const { step, phase } = world.state
    speak(world, 'started')
    expect(world.state).toMatchObject({ step, phase })
    expect(world.state.events.at(-1)?.kind).toBe('refusedStarted')
  })

  it('a "started" that names another instance is refused and the boot goes on', () => {
    const world = booted()
    speak(world, 'wrong')
    expect(world.state.step).toBe('awaitStarted')
    expect(world.state.events.at(-1)?.text).toContain('i-foreign')
  })

  it('a "started" before the launch has answered makes the host ready as soon as it has', () => {
    const world = new World(0)
    world.say({ type: 'planned', placement: PLACEMENT })
    world.make()
    speak(world, 'started')
    expect(world.state.step).toBe('launch')
    world.say({ type: 'launched', instanceId: world.make() })
    expect(world.state).toMatchObject({ step: 'becomeReady', phase: 'ready' })
  })

  it('a "started" before an unclear launch makes the host ready as soon as tags confirm its instance', () => {
    const world = new World(0)
    world.say({ type: 'planned', placement: PLACEMENT })
    const id = world.make()
    speak(world, 'started')
    world.say({ type: 'unclear', reason: 'no answer' })
    world.say({ type: 'found', instanceIds: [] })
    expect(world.state.step).toBe('lookupPause')
    world.say({ type: 'waited' })
    world.say({ type: 'found', instanceIds: [id] })
    expect(world.state).toMatchObject({ step: 'becomeReady', current: { instanceId: id } })
  })

  it('the word of an agent alone adopts nothing', () => {
    const world = new World(0)
    world.say({ type: 'planned', placement: PLACEMENT })
    speak(world, 'wrong')
    world.say({ type: 'unclear', reason: 'no answer' })
    world.say({ type: 'found', instanceIds: [] })
    world.say({ type: 'waited' })
    world.say({ type: 'found', instanceIds: [] })
    expect(world.state).toMatchObject({ phase: 'deleting', current: { n: 1, outcome: 'unclear' } })
    expect(world.state.current.instanceId).toBeUndefined()
  })

  it('an address that an agent claims neither replaces what the cloud told nor outlives a refused claim', () => {
    const told = booted()
    told.say({ type: 'running', privateIp: '10.0.0.1', mac: '00:16:3e:00:00:01' })
    speak(told, 'started')
    expect(told.state.current).toMatchObject({ privateIp: '10.0.0.1', mac: '00:16:3e:00:00:01' })
    const early = new World(0)
    early.say({ type: 'planned', placement: PLACEMENT })
    speak(early, 'wrong')
    expect(early.state.current.privateIp).toBeDefined()
    early.say({ type: 'launched', instanceId: early.make() })
    expect(early.state.step).toBe('awaitRunning')
    expect(early.state.current.privateIp).toBeUndefined()
  })

  it('an agent that reboots or is refused again and again does not fill the state', () => {
    const world = booted()
    speak(world, 'started')
    world.say({ type: 'welcomed' })
    for (let boot = 0; boot < 300; boot++) speak(world, boot % 2 === 0 ? 'rebooted' : 'late')
    expect(world.state.events.length).toBeLessThanOrEqual(100)
    expect(world.state.current.bootId).toBe(`boot-of-${world.now}`)
  })

  it('tags stand over the word of an agent that names another instance', () => {
    const world = new World(0)
    world.say({ type: 'planned', placement: PLACEMENT })
    const id = world.make()
    speak(world, 'wrong')
    world.say({ type: 'unclear', reason: 'no answer' })
    world.say({ type: 'found', instanceIds: [id] })
    expect(world.state).toMatchObject({ step: 'awaitRunning', current: { instanceId: id } })
    expect(world.state.current.startedAt).toBeUndefined()
  })

  it.each([
    ['replace', 'preserve'],
    ['retire', 'preserve'],
    ['cancel', 'delete'],
  ])('an instance that a person wants to keep: %s leads to %s', (wish, step) => {
    const world = booted()
    speak(world, 'started')
    speak(world, 'preserve')
    world.say({ type: 'welcomed' })
    speak(world, wish)
    if (world.state.step === 'tellDrain') {
      world.say({ type: 'drainTold' })
      speak(world, 'drained')
    }
    expect(world.state.step).toBe(step)
  })

  it('a judgement that stays the same is one line of the journal', () => {
    const world = booted()
    speak(world, 'started')
    world.say({ type: 'welcomed' })
    world.say({ type: 'silent' })
    world.say({ type: 'inspected', alive: true, reason: '' })
    world.say({ type: 'graceOver' })
    const judge = (reason: string) => {
      world.state = { ...world.state, events: [] }
      world.say({ type: 'judged', verdict: 'wait', reason })
      world.say({ type: 'waited' })
      return world.state.events.length
    }
    expect(['all are silent', 'all are silent', 'too many', 'too many'].map(judge)).toEqual([1, 0, 1, 0])
  })

  it('a want of placements that stays the same is one line of the journal, until something was launched', () => {
    const world = new World(0)
    const look = (reason: string) => {
      world.state = { ...world.state, events: [] }
      world.say({ type: 'held', waitMs: 60_000, reason })
      const lines = world.state.events.length
      expect(world.state).toMatchObject({ phase: 'waiting', waitReason: reason })
      world.say({ type: 'waited' })
      return lines
    }
    expect(['held', 'held', 'no stock', 'no stock'].map(look)).toEqual([1, 0, 1, 0])
    world.say({ type: 'planned', placement: PLACEMENT })
    world.say({ type: 'refused', kind: 'capacity', code: 'NoStock', message: 'none' })
    expect(look('no stock')).toBe(1)
  })

  it('a mute attempt is looked at, deleted, and followed by the next after its back-off', () => {
    const world = booted()
    world.say({ type: 'deadline' })
    expect(world.state.step).toBe('evidence')
    world.say({ type: 'evidenceTaken' })
    expect(world.state.step).toBe('delete')
    world.lose()
    world.say({ type: 'gone' })
    expect(world.state).toMatchObject({ phase: 'waiting', current: { n: 2 }, failures: 1 })
    expect(world.state.waitUntil).toBe(world.now + 5_000)
    expect(world.state.attempts[0]).toMatchObject({ n: 1, outcome: 'mute' })
  })

  it('a workload that fails soon after each start is tried ever more slowly, one that has worked at once', () => {
    const world = booted()
    const fails = (afterMs: number) => {
      speak(world, 'started')
      world.say({ type: 'welcomed' })
      world.now += afterMs
      speak(world, 'failed')
      world.say({ type: 'evidenceTaken' })
      world.lose()
      world.say({ type: 'gone' })
      const pauseMs = (world.state.waitUntil ?? 0) - world.now
      world.say({ type: 'waited' })
      world.say({ type: 'planned', placement: PLACEMENT })
      world.say({ type: 'launched', instanceId: world.make() })
      world.say({ type: 'running', privateIp: '10.0.0.1' })
      return pauseMs
    }
    const pauses = [1_000, 1_000, 1_000, 3_600_000, 1_000].map(fails)
    expect(pauses).toEqual([5_000, 10_000, 20_000, 5_000, 5_000])
    expect(world.state.attempts).toHaveLength(5)
  })

  it('a failed instance is kept when the spec says so, and the host moves on', () => {
    const world = new World(1_800_000)
    world.say({ type: 'planned', placement: PLACEMENT })
    world.say({ type: 'launched', instanceId: world.make() })
    world.say({ type: 'notRunning', reason: 'slow' })
    world.say({ type: 'deadline' })
    world.say({ type: 'evidenceTaken' })
    expect(world.state.step).toBe('preserve')
    expect(keepMs(world.state)).toBe(1_800_000)
  })

  it('lines that come while the closing record is under way follow it', () => {
    const world = booted()
    speak(world, 'retire')
    expect(world.state.step).toBe('delete')
    const preview = recordOf(HOST, decide(world.state, { type: 'gone', at: world.now }), world.now)
    speak(world, 'preserve')
    world.lose()
    world.say({ type: 'gone' })
    expect(world.state.events.slice(0, preview.events.length).map((event) => event.kind)).toEqual(
      preview.events.map((event) => event.kind),
    )
    expect(world.state.seq).toBe(preview.seq + 1)
  })
})
