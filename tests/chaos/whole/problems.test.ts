import { describe, expect, it } from 'vitest'
import { hostId, hostWorkflowId } from '../../../domain/ids.ts'
import { fleetProblems, isStopped, snapshotProblems, type SeenFleet, type Snapshot } from './problems.ts'

const HOST = hostId('chaos', 1)
const WHOLE: SeenFleet = { desired: 2, active: [[1, 2]], retiring: [] }
const ROLLOUT = {
  specHash: 's2',
  by: 'chaos',
  why: 'test',
  startedAt: 0,
  forced: [],
  left: 1,
  succeeded: 0,
  failed: 3,
  failedBefore: 0,
}

describe('a fleet', () => {
  it('that is whole wants nothing', () => {
    expect(fleetProblems(WHOLE, 2)).toEqual([])
    expect(fleetProblems({ ...WHOLE, rollout: { ...ROLLOUT, state: 'done' } }, 2)).toEqual([])
  })

  it.for<[string, SeenFleet | undefined, string]>([
    ['does not answer', undefined, 'the fleet does not answer'],
    ['wants another size', { ...WHOLE, desired: 3 }, '3 hosts are wanted instead of 2'],
    ['has too few', { ...WHOLE, active: [[1, 1]] }, '1 hosts are active instead of 2'],
    ['has too many', { ...WHOLE, active: [[1, 3]] }, '3 hosts are active instead of 2'],
    ['still retires some', { ...WHOLE, retiring: [[3, 4]] }, '2 hosts still retire'],
    ['rolls', { ...WHOLE, rollout: { ...ROLLOUT, state: 'rolling' } }, 'a rollout goes on: 1 left'],
    [
      'is frozen',
      { ...WHOLE, frozen: { since: 0, silent: 1, of: 2 } },
      'the fleet is frozen: 1 of 2 are silent',
    ],
  ])('that %s is told', ([, fleet, problem]) => {
    expect(fleetProblems(fleet, 2)).toEqual([problem])
  })

  it('whose rollout has stopped is told, so that somebody rolls again', () => {
    const [problem = '', ...others] = fleetProblems(
      { ...WHOLE, rollout: { ...ROLLOUT, state: 'stopped', reason: 'boots fail' } },
      2,
    )
    expect(problem).toContain('boots fail')
    expect(isStopped(problem)).toBe(true)
    expect(others).toEqual([])
  })
})

const STATE = {
  phase: 'ready',
  step: 'watch',
  specHash: 's1',
  generation: 'aaaaaaaaaa',
  current: { n: 1, instanceId: 'i-1' },
} as const
const INSTANCE = { id: 'i-1', host: HOST, generation: 'aaaaaaaaaa', attempt: 1, releasing: false }
const SNAPSHOT: Snapshot = {
  specHash: 's1',
  hosts: [{ host: HOST, state: STATE }],
  live: [INSTANCE],
  running: [hostWorkflowId(HOST)],
}

describe('hosts, cloud and Temporal', () => {
  it('that agree want nothing', () => {
    expect(snapshotProblems(SNAPSHOT)).toEqual([])
  })

  it.for<[string, Partial<Snapshot>, string]>([
    [
      'a host that boots',
      { hosts: [{ host: HOST, state: { ...STATE, phase: 'booting', step: 'awaitStarted' } }] },
      'chaos/00001 is booting (awaitStarted) in attempt 1',
    ],
    [
      'a ready host that nobody watches',
      { hosts: [{ host: HOST, state: { ...STATE, step: 'becomeReady' } }] },
      'chaos/00001 is ready (becomeReady) in attempt 1',
    ],
    ['a host of an older spec', { specHash: 's2' }, 'chaos/00001 runs spec s1 instead of s2'],
    [
      'an instance of nobody',
      { live: [INSTANCE, { ...INSTANCE, id: 'i-2' }] },
      'i-2 of chaos/00001, attempt 1, is claimed by nobody',
    ],
    [
      'an instance that is lost',
      { live: [] },
      'chaos/00001 aaaaaaaaaa 1 claims i-1, which the cloud has not',
    ],
    [
      'an instance of another attempt',
      { live: [{ ...INSTANCE, attempt: 2 }] },
      'i-1 of chaos/00001, attempt 2, is claimed by nobody',
    ],
    [
      'a host that the fleet has forgotten',
      { running: [hostWorkflowId(HOST), 'host/chaos/00009'] },
      'host/chaos/00009 runs, and is no host of the fleet',
    ],
    ['a list that failed', { running: 'unavailable' }, 'Temporal does not list the hosts: unavailable'],
  ])('%s is told', ([, changes, problem]) => {
    expect(snapshotProblems({ ...SNAPSHOT, ...changes })).toEqual([problem])
  })

  it('a host that does not answer is told', () => {
    expect(snapshotProblems({ ...SNAPSHOT, hosts: [{ host: HOST, state: undefined }] })).toContain(
      'chaos/00001 does not answer',
    )
  })
})
