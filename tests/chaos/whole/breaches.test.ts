import { describe, expect, it, onTestFinished } from 'vitest'
import { waitFor } from '../../../cli/wait-for.ts'
import { hostId } from '../../../domain/ids.ts'
import { instanceTags } from '../../../domain/tags.ts'
import { Ecs, GOOD_LAUNCH, startTestEmulator } from '../../../emulator/testing/sdk.ts'
import type { JournalRow } from '../../../store/contract.ts'
import { openStore } from '../../../store/index.ts'
import { gapsBetween } from '../../support/journal-gaps.ts'
import { watchCloud } from '../../support/whole-cloud.ts'
import { breaches, type Evidence } from './breaches.ts'
import { deletesOfSweeps } from './sweeps.ts'

const CLEAN: Evidence = {
  made: new Map([['chaos/00001 aaaaaaaaaa 1', new Set(['i-1'])]]),
  doubles: [],
  launches: {
    launches: [{ at: 5, id: 'i-1', live: 1 }],
    looks: [],
    sizes: [{ at: 0, size: 1 }],
    announced: new Map(),
  },
  strangers: ['i-stranger'],
  there: new Set(['i-1', 'i-stranger']),
  swept: [{ what: 'delete instance i-orphan', target: 'host chaos/99999', why: 'nobody claims it' }],
  orphan: 'i-orphan',
  gaps: [],
  ends: [{ workflowId: 'host/chaos/00002', status: 'COMPLETED' }],
}

describe('what must not have happened', () => {
  it('is nothing where all is as it should be', () => {
    expect(breaches(CLEAN)).toEqual([])
  })

  it.for<[string, Partial<Evidence>, string]>([
    [
      'two live instances of one host',
      { doubles: ['chaos/00001: i-1 and i-2', 'chaos/00001: i-1 and i-2'] },
      'two live instances at once: chaos/00001: i-1 and i-2',
    ],
    [
      'an attempt with two ids',
      { made: new Map([['chaos/00001 aaaaaaaaaa 1', new Set(['i-1', 'i-2'])]]) },
      'chaos/00001 aaaaaaaaaa 1 has had 2 instances: i-1, i-2',
    ],
    [
      'a launch beyond the limit',
      { launches: { ...CLEAN.launches, launches: [{ at: 5, id: 'i-9', live: 9 }] } },
      'i-9 was launched as number 9 of the live ones, 4 are the limit (1 launches were beyond it)',
    ],
    ['a stranger that is gone', { there: new Set(['i-1']) }, "i-stranger is no host's, and was deleted"],
    [
      'a sweep that wants an instance of a host',
      { swept: [{ what: 'delete instance i-1', target: 'host chaos/00001', why: 'old' }] },
      'a sweep wanted to delete instance i-1 of host chaos/00001: old',
    ],
    ['a gap of a journal', { gaps: ['the journal has no line 2 of 3'] }, 'the journal has no line 2 of 3'],
    [
      'a host that has failed',
      { ends: [{ workflowId: 'host/chaos/00003', status: 'FAILED' }] },
      'host/chaos/00003 has ended as FAILED',
    ],
    [
      'a host that was terminated',
      { ends: [{ workflowId: 'host/chaos/00003', status: 'TERMINATED' }] },
      'host/chaos/00003 has ended as TERMINATED',
    ],
  ])('%s is told', ([, changes, problem]) => {
    expect(breaches({ ...CLEAN, ...changes })).toEqual([problem])
  })

  it('is found in the audit, beyond one page of it', async () => {
    const store = await openStore({ file: ':memory:' })
    onTestFinished(() => store.close())
    const row = { at: 1, who: 'sweep', target: 'host chaos/00001', why: 'old' }
    await store.audit.add({ ...row, what: 'delete instance i-1' })
    for (let n = 0; n < 1_001; n += 1) await store.audit.add({ ...row, what: 'mark instance i-1' })
    await store.audit.add({ ...row, who: 'a person', what: 'delete instance i-2' })
    expect((await deletesOfSweeps(store)).map(({ what }) => what)).toEqual(['delete instance i-1'])
  })
})

describe('a launch that is sent again after a reset', () => {
  it.for<[string, string, string[]]>([
    ['with its own ClientToken makes one instance', 'token-1', []],
    [
      'with another ClientToken makes two, and is told',
      'token-2',
      ['has had 2 instances', 'two live instances at once'],
    ],
  ])('%s', async ([, secondToken, problems]) => {
    const { emulator, client } = await startTestEmulator()
    onTestFinished(() => emulator.close())
    const cloud = watchCloud({ cloud: { emulator } })
    onTestFinished(() => cloud.stop())
    emulator.addFault({ action: 'RunInstances', count: 1, effect: { type: 'resetAfter' } })
    const tags = instanceTags(
      { controller: 'chaos', namespaceId: 'n' },
      { host: hostId('chaos', 1), generation: 'aaaaaaaaaa', attempt: 1 },
    )
    const tag = Object.entries(tags).map(([key, value]) => new Ecs.RunInstancesRequestTag({ key, value }))
    const launch = (clientToken: string) =>
      client.runInstances(new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, tag, clientToken }))
    await expect(launch('token-1')).rejects.toThrow()
    await launch(secondToken)
    const size = emulator.cloud.instances.size
    await waitFor('the watch to have seen them', () => [...cloud.made.values()][0]?.size === size)
    const told = breaches({ ...CLEAN, made: cloud.made, doubles: cloud.doubles })
    expect(told).toHaveLength(problems.length)
    for (const problem of problems) expect(told.join('\n')).toContain(problem)
  })
})

describe('the lines of a journal', () => {
  const line = (seq: number, kind: JournalRow['kind'] = 'planned') => ({ seq, kind })
  const written = { seq: 3, events: [], step: 'watch' } as const

  it('are all there', () => {
    expect(gapsBetween('it', written, [line(1), line(2), line(3)])).toEqual([])
    expect(gapsBetween('it', { ...written, seq: 5, events: [0, 0] }, [line(1), line(2), line(3)])).toEqual([])
  })

  it.for<[string, Parameters<typeof gapsBetween>[1], Pick<JournalRow, 'seq' | 'kind'>[], string]>([
    ['missing in between', written, [line(1), line(3)], 'it has no line 2 of 3'],
    ['missing at the end', written, [line(1), line(2)], 'it has no line 3 of 3'],
    ['there twice', written, [line(1), line(2), line(2), line(3)], 'it has 1 lines twice'],
    ['never written', { ...written, seq: 0 }, [], "it is empty by its workflow's own account"],
    [
      'without an end',
      { ...written, step: 'end' },
      [line(1), line(2), line(3)],
      'it does not say how it ended',
    ],
  ])('one that is %s is told', ([, state, rows, problem]) => {
    expect(gapsBetween('it', state, rows)).toEqual([problem])
  })
})
