import { describe, expect, it } from 'vitest'
import { hostId } from '../ids.ts'
import { LAUNCH_WORDS } from '../host/launch-words.ts'
import { DEFAULT_POLICY } from './policy.ts'
import { explainFleet, type FleetFacts, type FleetHostFacts } from './explain.ts'
import type { FleetStatus } from './types.ts'

const NOW = Date.parse('2026-11-23T14:00:00Z')
const MINUTE = 60_000

const status = (changes: Partial<FleetStatus> = {}): FleetStatus => ({
  surge: 0,
  replacing: 0,
  extra: 0,
  marks: [],
  policy: DEFAULT_POLICY,
  ...changes,
})

const host = (slot: number, changes: Partial<FleetHostFacts> = {}): FleetHostFacts => ({
  host: hostId('render', slot),
  attempt: 1,
  phase: 'ready',
  phaseAt: NOW - 5 * MINUTE,
  specHash: 'abc',
  reason: '',
  ...changes,
})

const explain = (changes: Partial<FleetFacts>) =>
  explainFleet(
    {
      name: 'render',
      desired: 2,
      paused: false,
      specHash: 'abc',
      note: 'resized from 1 to 2 by kim: evening',
      updatedAt: NOW - 1_000,
      status: status(),
      slots: [[1, 2]],
      hosts: [host(1), host(2)],
      holds: [],
      ...changes,
    },
    NOW,
  )

describe('the explanation of a fleet', () => {
  it('has nothing to say of one that is as it should be', () => {
    expect(explain({})).toEqual({
      headline: 'render has the 2 ready hosts that are wanted',
      state: 'fine',
      fleet: ['Last change: resized from 1 to 2 by kim: evening.'],
      missing: [],
      next: [],
      youCan: [],
    })
  })

  it.each<[string, Partial<FleetHostFacts>, RegExp, RegExp | undefined]>([
    [
      'stock',
      { phase: 'waiting', reason: 'no stock of ecs.c7.large', waitUntil: NOW + 3 * MINUTE },
      /no stock/,
      /tries again at 14:03:00 UTC \(in 3:00\)/,
    ],
    [
      'a hold',
      { phase: 'waiting', reason: 'held: boots fail', waitUntil: NOW + MINUTE },
      /held: boots fail/,
      /tries again/,
    ],
    [
      'its boot',
      { phase: 'booting', bootDeadline: NOW + 15 * MINUTE },
      /boots for 5:00, attempt 1/,
      /is deleted and tried again unless.* at 14:15:00 UTC/,
    ],
    [
      'silence',
      { phase: 'silent', reason: 'no beats' },
      /silent for 5:00: no beats of its agent; it is replaced when that lasts/,
      undefined,
    ],
    [
      'a silence that may be our own',
      { phase: 'silent', reason: 'our own API was away: it has listened for 20 s of the 180 s needed' },
      /silent for 5:00: .* kept for now, because our own API was away: .* of the 180 s needed$/,
      undefined,
    ],
    [
      'draining',
      { phase: 'draining', reason: 'replace by kim: kernel' },
      /ends its work .* kernel/,
      undefined,
    ],
    ['the cloud', { reclaimAt: NOW + 2 * MINUTE }, /the cloud takes its instance at 14:02:00 UTC/, undefined],
    [
      'a launch',
      { phase: 'launching', attempt: 3, reason: 'attempt 3' },
      /being asked for, attempt 3, for 5:00$/,
      undefined,
    ],
    [
      'a launch that is refused for now',
      { phase: 'launching', reason: LAUNCH_WORDS.again('Throttling.User', false) },
      /attempt 1, for 5:00: the last try was refused \(Throttling.User\); the same is asked again$/,
      undefined,
    ],
    [
      'a launch that got no clear answer',
      { phase: 'launching', reason: LAUNCH_WORDS.lookup },
      /for 5:00: no clear answer to its launch: it is looked for by its tags/,
      undefined,
    ],
    [
      'a delete',
      { phase: 'deleting', reason: 'mute for 20:00' },
      /being deleted .* mute for 20:00/,
      undefined,
    ],
  ])('gives the reason of a host that waits for %s', (_what, changes, why, next) => {
    const told = explain({ hosts: [host(1), host(2, changes)] })
    expect(told.headline).toBe('render has 1 of 2 wanted hosts ready: 1 missing')
    expect(told.missing).toEqual([
      expect.objectContaining({ host: 'render/00002', why: expect.stringMatching(why) }),
    ])
    expect(told.next[0] ?? '').toMatch(next ?? /^$/)
  })

  it('says that a person must act when the cloud refuses the request', () => {
    const reason = 'the request was refused (InvalidImageId.NotFound); a person must act'
    const told = explain({ hosts: [host(1), host(2, { phase: 'waiting', reason })] })
    expect(told.state).toBe('person')
    expect(told.youCan.map(({ command }) => command)).toEqual(['muster check --config FILE'])
  })

  it('says what a paused fleet leaves undone', () => {
    const told = explain({ paused: true, desired: 4 })
    expect(told.missing).toEqual([
      {
        host: '2 hosts, 00003–00004',
        phase: 'not started',
        why: 'the fleet is paused: nothing is started',
        needsPerson: true,
      },
    ])
    expect(told.youCan).toEqual([{ what: 'go on', command: 'muster fleets resume render' }])
  })

  it('tells of a freeze, and of who overrode it', () => {
    const frozen = { since: NOW - MINUTE, silent: 2, of: 2 }
    const told = explain({
      status: status({ frozen }),
      hosts: [host(1, { phase: 'silent' }), host(2, { phase: 'silent' })],
    })
    expect(told.state).toBe('person')
    expect(told.fleet[0]).toMatch(/^Frozen since 1:00 ago .*2 of 2 hosts are silent at once/)
    expect(told.youCan[0]?.command).toBe('muster fleets override-freeze render --for 1h')
    const override = { until: NOW + MINUTE, by: 'kim', why: 'they are gone indeed' }
    expect(explain({ status: status({ frozen, override }) }).fleet[1]).toMatch(
      /^kim has overridden that until at 14:01/,
    )
  })

  it('tells why a rollout has stopped, and the way back', () => {
    const rollout = {
      state: 'stopped' as const,
      specHash: 'bad',
      by: 'kim',
      why: 'new image',
      startedAt: NOW,
      left: 5,
      succeeded: 0,
      failed: 3,
      reason: '3 boots of spec bad have failed without a success between',
    }
    const told = explain({ status: status({ rollout, previousSpecHash: 'abc' }) })
    expect(told.state).toBe('person')
    expect(told.fleet[0]).toMatch(/stopped by itself: 3 boots of spec bad have failed/)
    expect(told.youCan.map(({ command }) => command)).toEqual([
      'muster fleets rollback render',
      'muster fleets roll render',
    ])
  })

  it('names the holds that touch it', () => {
    const hold = {
      id: 7,
      scope: 'image' as const,
      imageId: 'm-1',
      reason: '5 boots failed',
      until: NOW + MINUTE,
    }
    const told = explain({ holds: [hold] })
    expect(told.fleet[0]).toBe(
      'Hold 7 stops launches of image m-1: 5 boots failed; one host may try at 14:01:00 UTC (in 1:00).',
    )
    expect(told.youCan[0]?.command).toBe('muster holds release 7')
  })

  it('says why launches wait where too many hosts live, and when nobody looks', () => {
    const overshoot = { live: 9, limit: 5 }
    expect(explain({ desired: 3, status: status({ overshoot }) }).missing[0]?.why).toMatch(
      /9 hosts live where at most 5/,
    )
    expect(explain({ desired: 3, updatedAt: NOW - 10 * MINUTE }).missing[0]?.why).toMatch(/does a worker run/)
  })

  it('names the slots that a person has marked', () => {
    const marked = (...marks: FleetStatus['marks']) => explain({ status: status({ marks }) }).fleet
    expect(marked([2, 2])).toContain('Marked to go first when the fleet shrinks: slot 2.')
    expect(marked([2, 4], [7, 7])).toContain('Marked to go first when the fleet shrinks: slots 2–4, 7.')
  })

  it('puts hosts of one reason together where there are many, and leaves out none', () => {
    const booting = (slot: number) =>
      host(slot, { phase: 'booting', attempt: slot, phaseAt: NOW - slot * 1_000 })
    const hosts = Array.from({ length: 50 }, (_, at) => booting(at + 1))
    expect(explain({ desired: 50, slots: [[1, 50]], hosts }).missing).toHaveLength(50)
    const reason = 'no placement is free: held'
    const more = [...hosts, booting(51), ...[52, 54].map((slot) => host(slot, { phase: 'waiting', reason }))]
    const silent = host(53, { phase: 'silent' })
    const told = explain({ desired: 300, slots: [[1, 60]], hosts: [...more, silent] })
    expect(told.missing.map(({ host: of, why }) => `${of}: ${why}`)).toEqual([
      '51 hosts, 00001–00051: boot: their agents have not said "started" yet (for 0:01 to 0:51)',
      '2 hosts, 00052, 00054: no placement is free: held (for 5:00)',
      'render/00053: silent for 5:00: no beats of its agent; it is replaced when that lasts and few others are silent',
      '6 hosts, 00055–00060: told to start: nothing is known of them yet',
      '240 hosts, 00061–00300: to be started with the next look, within 30 seconds',
    ])
  })

  it('says within a minute that no worker runs', () => {
    const updatedAt = NOW - 60_000
    const told = explain({ desired: 3, updatedAt, workerSeen: NOW - 80_000 })
    expect(told.state).toBe('person')
    expect(told.fleet[0]).toMatch(
      /^No worker asks for work since 1:20 ago \(13:58:40 UTC\): nothing is started/,
    )
    expect(told.missing[0]?.why).toBe('no worker runs that could start them')
    expect(told.youCan[0]?.command).toBe('muster worker --config FILE')
    expect(explain({ updatedAt, workerSeen: 'none' }).fleet[0]).toMatch(/^No worker asks for work: nothing/)
    expect(explain({ updatedAt, workerSeen: NOW - 60_000 }).state, 'it may just ask again').toBe('fine')
    expect(explain({ workerSeen: 'none' }).state, 'somebody has just looked').toBe('fine')
    expect(explain({ updatedAt }).state, 'not known').toBe('fine')
  })
})
