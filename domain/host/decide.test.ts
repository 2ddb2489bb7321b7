import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import { keepMs } from './attempt-end.ts'
import type { HostFacts } from '../wire.ts'
import { recordOf } from './record.ts'
import { perform } from './testing/host-acts.ts'
import { HOST, PLACEMENT, World, speak } from './testing/host-world.ts'
import { WANTED, countSituations } from './testing/situations.ts'

/** What people, agents and the cloud may say or do at any time; half of the time the host's own step goes on. */
const happening = fc.record({
  kind: fc.oneof(
    { weight: 24, arbitrary: fc.constant('step') },
    { weight: 4, arbitrary: fc.constantFrom('reach', 'started') },
    { weight: 2, arbitrary: fc.constant('address') },
    {
      weight: 8,
      arbitrary: fc.constantFrom('wrong', 'late', 'rebooted', 'rebooted', 'heard', 'drained', 'failed'),
    },
    { weight: 5, arbitrary: fc.constantFrom('take', 'reclaim', 'hasty') },
    { weight: 4, arbitrary: fc.constantFrom('drain', 'replace', 'now', 'preserve', 'spec') },
    // They end a story: seldom.
    { weight: 1, arbitrary: fc.constantFrom('retire', 'cancel', 'cancel') },
  ),
  dice: fc.nat(23),
})

const RUNS = process.env['MUSTER_DEEP'] ? 20_000 : 1_500

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
              if (kind === 'step') perform(world, dice)
              else speak(world, kind)
            }
            speak(world, 'retire')
            for (let i = 0; i < 50 && world.state.step !== 'end'; i++) perform(world, 0)
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
  /** Silent beyond its grace. */
  const toBeJudged = () => {
    const world = booted()
    speak(world, 'started')
    world.say({ type: 'welcomed' })
    world.say({ type: 'silent' })
    world.say({ type: 'inspected', alive: true, reason: '' })
    world.say({ type: 'graceOver' })
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

  it('the key of the launch under way is told, and none while the next one is not planned', () => {
    const world = new World(0)
    const keyTold = () => recordOf(HOST, world.state, world.now).keyId
    expect(keyTold()).toBeUndefined()
    world.say({ type: 'planned', placement: PLACEMENT, keyId: 'k1' })
    expect(keyTold()).toBe('k1')
    world.say({ type: 'refused', kind: 'capacity', code: 'OperationDenied.NoStock', message: 'none' })
    expect(keyTold()).toBeUndefined()
    world.say({ type: 'planned', placement: PLACEMENT, keyId: 'k2' })
    world.say({ type: 'launched', instanceId: world.make() })
    expect(keyTold()).toBe('k2')
    world.lose()
    world.say({ type: 'lost', reason: 'vanished' })
    expect(keyTold()).toBe('k2')
    world.say({ type: 'gone' })
    expect(keyTold()).toBeUndefined()
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

  it('the cloud is asked again every ten minutes whether a silent instance is there', () => {
    const world = toBeJudged()
    const steps = Array.from({ length: 12 }, () => {
      world.say({ type: 'judged', verdict: 'wait', reason: 'all are silent' })
      world.now += 60_000
      world.say({ type: 'waited' })
      const { step } = world.state
      if (step === 'inspect') {
        world.say({ type: 'inspected', alive: true, reason: '' })
        world.say({ type: 'graceOver' })
      }
      return step
    })
    expect(steps.filter((step) => step === 'inspect')).toHaveLength(1)
    expect(steps.indexOf('inspect')).toBe(9)
    world.say({ type: 'judged', verdict: 'wait', reason: 'all are silent' })
    world.now += 600_000
    world.say({ type: 'waited' })
    world.lose()
    world.say({ type: 'inspected', alive: false, reason: 'released' })
    expect(world.state).toMatchObject({ step: 'delete', current: { outcome: 'lost' } })
  })

  it('an instance that goes while it drains ends the drain, and is no failure', () => {
    const world = booted()
    speak(world, 'started')
    world.say({ type: 'welcomed' })
    world.say({ type: 'retire', request: { by: 'ann', why: 'to see', drain: true } })
    world.say({ type: 'drainTold' })
    world.lose()
    world.say({ type: 'lost', reason: 'released' })
    expect(world.state).toMatchObject({ step: 'delete', current: { outcome: 'retired' } })
    expect(world.state.events.map(({ kind }) => kind)).toContain('lost')
  })

  it('the release time is due again by the clock, whatever run or step it is, and of one instance alone', () => {
    const world = booted()
    world.state = { ...world.state, spec: { ...world.state.spec, deadManRenewEveryMs: 3_600_000 } }
    speak(world, 'started')
    world.say({ type: 'welcomed' })
    expect(world.state.current.renewAt).toBe(world.now + 3_600_000)
    world.now += 3_600_000
    world.say({ type: 'silent' })
    world.say({ type: 'renewed' })
    expect(world.state).toMatchObject({ step: 'inspect', current: { renewAt: world.now + 3_600_000 } })
    world.lose()
    world.say({ type: 'inspected', alive: false, reason: 'released' })
    world.say({ type: 'gone' })
    expect(world.state.current.renewAt).toBeUndefined()
  })

  it('a judgement that stays the same is one line of the journal', () => {
    const world = toBeJudged()
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

  it('an instance that is not seen running is looked for until the boot deadline, with one line', () => {
    const world = new World(0)
    world.say({ type: 'planned', placement: PLACEMENT })
    world.say({ type: 'launched', instanceId: world.make() })
    world.say({ type: 'notRunning', reason: 'slow', again: true })
    expect(world.state).toMatchObject({ step: 'awaitRunning', phase: 'booting' })
    world.say({ type: 'notRunning', reason: 'still slow', again: false })
    expect(world.state.step).toBe('awaitStarted')
    expect(world.state.events.filter(({ kind }) => kind === 'notRunning')).toMatchObject([{ text: 'slow' }])
    world.say({ type: 'deadline' })
    world.say({ type: 'evidenceTaken' })
    world.lose()
    world.say({ type: 'gone' })
    expect(world.state.current.unseen).toBeUndefined()
  })

  it('a launch that is refused for its place goes on to the next, and waits for a person when none is left', () => {
    const world = new World(0)
    const [first, second] = [PLACEMENT, { ...PLACEMENT, zone: 'cn-hangzhou-i', vSwitchId: 'vsw-i' }]
    world.state = { ...world.state, spec: { ...world.state.spec, placements: [first, second] } }
    const refuse = (placement: typeof first, kind: 'request' | 'account') => {
      world.say({ type: 'planned', placement })
      world.say({ type: 'refused', kind, code: 'InvalidVSwitchId.NotFound', message: 'none' })
      return world.state.phase
    }
    expect(refuse(first, 'request')).toBe('launching')
    expect(world.state.current).toMatchObject({ launch: 2, refusedAt: [{ zone: first.zone }] })
    expect(refuse(second, 'request')).toBe('waiting')
    world.say({ type: 'waited' })
    expect(refuse(first, 'request')).toBe('waiting')
    expect(world.state.current.refusedAt?.map(({ zone }) => zone)).toEqual([second.zone, first.zone])
    world.say({ type: 'waited' })
    expect(refuse(second, 'account'), 'want of money is of no place').toBe('waiting')
    expect(world.state.current.refusedAt?.map(({ zone }) => zone)).toEqual([second.zone, first.zone])
  })

  it('a place that refuses twice is not asked a third time at once: no other is free', () => {
    const world = new World(0)
    const other = { ...PLACEMENT, zone: 'cn-hangzhou-i', vSwitchId: 'vsw-i' }
    world.state = { ...world.state, spec: { ...world.state.spec, placements: [PLACEMENT, other] } }
    const waits = [1, 2, 3, 4].map(() => {
      world.say({ type: 'planned', placement: PLACEMENT })
      world.say({ type: 'refused', kind: 'request', code: 'InvalidVSwitchId.NotFound', message: 'none' })
      const { phase, waitUntil = world.now } = world.state
      if (phase === 'waiting') world.say({ type: 'waited' })
      return [phase, Math.round((waitUntil - world.now) / 60_000)]
    })
    expect(waits).toEqual([
      ['launching', 0],
      ['waiting', 1],
      ['waiting', 2],
      ['waiting', 4],
    ])
  })

  it('of a host whose work fails again and again three instances are kept at a time', () => {
    const world = new World(86_400_000)
    const ends = () => {
      world.say({ type: 'planned', placement: PLACEMENT })
      world.say({ type: 'launched', instanceId: world.make() })
      world.say({ type: 'deadline' })
      world.say({ type: 'evidenceTaken' })
      const { step } = world.state
      if (step === 'preserve') for (const instance of world.live()) instance.preserved = true
      else world.lose()
      world.say({ type: step === 'preserve' ? 'preserved' : 'gone' })
      world.say({ type: 'waited' })
      return step
    }
    expect([1, 2, 3, 4, 5].map(ends)).toEqual(['preserve', 'preserve', 'preserve', 'delete', 'delete'])
    const long = Array.from({ length: 25 }, ends)
    expect(new Set(long), 'longer than attempts are remembered').toEqual(new Set(['delete']))
    world.now += 86_400_000
    expect(ends()).toBe('preserve')
  })

  it('an agent that is heard after an old client is the one that is watched, and not the other way round', () => {
    const world = booted()
    const { current, generation } = world.state
    const old = { generation, attempt: 1, bootId: 'address', liveness: 'none' as const }
    const facts = { instanceId: current.instanceId ?? '', mac: '', privateIp: '127.16.0.9' } as HostFacts
    world.say({ type: 'started', signal: { ...old, facts } })
    world.say({ type: 'welcomed' })
    const { stepNo } = world.state
    expect(world.state).toMatchObject({ liveness: 'none', step: 'watch' })
    speak(world, 'wrong')
    expect(world.state).toMatchObject({ liveness: 'none', stepNo })
    speak(world, 'started')
    expect(world.state).toMatchObject({ liveness: 'agent', step: 'watch', stepNo: stepNo + 1 })
    world.say({ type: 'silent' })
    world.say({ type: 'started', signal: { ...old, facts } })
    expect(world.state.phase, 'the agent is silent, whoever else speaks').toBe('silent')
  })

  it('a failed instance is kept when the spec says so, and the host moves on', () => {
    const world = new World(1_800_000)
    world.say({ type: 'planned', placement: PLACEMENT })
    world.say({ type: 'launched', instanceId: world.make() })
    world.say({ type: 'notRunning', reason: 'slow', again: false })
    world.say({ type: 'deadline' })
    world.say({ type: 'evidenceTaken' })
    expect(world.state.step).toBe('preserve')
    expect(keepMs(world.state)).toBe(1_800_000)
  })

  it('an instance that was lost is not kept: there is nothing to look at', () => {
    const world = new World(1_800_000)
    world.say({ type: 'planned', placement: PLACEMENT })
    world.say({ type: 'launched', instanceId: world.make() })
    world.say({ type: 'lost', reason: 'released' })
    expect(world.state.step).toBe('delete')
  })

  it('a wish to keep an instance is of that instance, not of those that follow', () => {
    const world = booted()
    speak(world, 'started')
    world.say({ type: 'welcomed' })
    speak(world, 'preserve')
    speak(world, 'now')
    expect(world.state.step).toBe('preserve')
    for (const instance of world.live()) instance.preserved = true
    world.say({ type: 'preserved' })
    world.say({ type: 'planned', placement: PLACEMENT })
    world.say({ type: 'launched', instanceId: world.make() })
    world.say({ type: 'running', privateIp: '10.0.0.1' })
    world.say({ type: 'deadline' })
    world.say({ type: 'evidenceTaken' })
    expect(world.state.step).toBe('delete')
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
