import { describe, expect, it } from 'vitest'
import { changeDoubts, type WantedFleet } from './change-doubts.ts'
import { DEFAULT_POLICY, type FleetPolicy } from './policy.ts'
import { newFleetState } from './state.ts'
import { specForTests } from '../testing/specs.ts'

const HOUR = 3_600_000
const NOW = 1_800_000_000_000
const running = newFleetState({ size: 40, specHash: 'a', spec: specForTests() }, NOW)
/** The first has been ready for an hour, the second for two, … */
const ready = Array.from({ length: 40 }, (_, at) => ({
  slot: at + 1,
  generation: 'g',
  readyAt: NOW - (at + 1) * HOUR,
}))
const rolling = (maxUnavailable: FleetPolicy['rollout']['maxUnavailable']): FleetPolicy => ({
  ...DEFAULT_POLICY,
  rollout: { ...DEFAULT_POLICY.rollout, maxUnavailable, onApply: 'roll' },
})

function ask(wanted: Partial<WantedFleet>, from = running, hosts = ready) {
  const same = { size: 40, policy: DEFAULT_POLICY, hasNewSpec: false }
  return changeDoubts('render', from, { ...same, ...wanted }, hosts, NOW)
}

describe('a change of a fleet asks first', () => {
  it('when more than a fifth of its hosts would be retired', () => {
    expect(ask({ size: 32 })).toEqual([])
    expect(ask({ size: 31 })).toEqual(['fleet render would retire 9 of its 40 hosts (23 %)'])
    expect(ask({ size: 0 }, { ...running, desired: 0 })).toEqual([])
  })

  it('when a rollout would have more than a fifth of the ready hosts away at once', () => {
    expect(ask({ policy: rolling('20%'), hasNewSpec: true })).toEqual([])
    expect(ask({ policy: rolling('50%'), hasNewSpec: true })).toEqual([
      'fleet render would be rolled to another spec with up to 20 of its 40 ready hosts away at once (50 %), as its maxUnavailable of 50% allows',
    ])
    expect(ask({ policy: rolling('50%') }), 'nothing is rolled').toEqual([])
    const later = {
      ...rolling('50%'),
      rollout: { ...rolling('50%').rollout, onApply: 'nextLaunch' as const },
    }
    expect(ask({ policy: later, hasNewSpec: true }), 'nothing is rolled yet').toEqual([])
    expect(ask({ policy: rolling(30), hasNewSpec: true }, running, ready.slice(0, 4))).toEqual([
      expect.stringContaining('up to 4 of its 4 ready hosts away at once (100 %)'),
    ])
    expect(ask({ policy: rolling(30), hasNewSpec: true }, running, []), 'there is nothing to lose').toEqual(
      [],
    )
  })

  it('when it would hurry a rollout that goes on', () => {
    const rollout = {
      state: 'rolling' as const,
      specHash: 'a',
      by: 'x',
      why: 'y',
      startedAt: NOW,
      forced: [],
    }
    const counts = { left: 9, succeeded: 0, failed: 0, failedBefore: 0 }
    const under = { ...running, rollout: { ...rollout, ...counts } }
    expect(ask({ policy: rolling('50%') }, under)).toEqual([
      expect.stringContaining('would go on with its rollout with up to 20 of its 40 ready hosts away'),
    ])
    expect(
      ask({ policy: rolling('50%') }, { ...under, policy: rolling('50%') }),
      'as it is allowed already',
    ).toEqual([])
  })

  it('when a maximum lifetime makes more than a fifth of them due at once', () => {
    const policy = { ...DEFAULT_POLICY, maxLifetimeMs: 30 * HOUR }
    expect(ask({ policy })).toEqual([
      expect.stringMatching(
        /^fleet render would find 1[0-3] of its 40 ready hosts \(\d\d %\) older than its maximum lifetime of 30:00:00 at once: they would be replaced in turn, at most 4 at a time$/,
      ),
    ])
    expect(ask({ policy: { ...policy, maxLifetimeMs: 36 * HOUR } }), 'few are').toEqual([])
    expect(ask({ policy }, { ...running, policy }), 'they are due already').toEqual([])
  })
})
