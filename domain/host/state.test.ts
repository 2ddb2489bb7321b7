import { expect, test } from 'vitest'
import { failedPlaces } from './state.ts'
import type { AttemptOutcome, AttemptSummary } from './types.ts'

let n = 0
const attempt = (zone: string, outcome: AttemptOutcome, startedAt?: number): AttemptSummary => ({
  n: (n += 1),
  launches: 1,
  placement: { zone, vSwitchId: `vsw-${zone}`, instanceType: 'ecs.c7.large' },
  outcome,
  reason: '',
  ...(startedAt !== undefined && { startedAt }),
})
const zones = (...attempts: AttemptSummary[]) => failedPlaces({ attempts }).map(({ zone }) => zone)

test('boots that failed one after the other count, the latest last', () => {
  expect(zones()).toEqual([])
  expect(zones(attempt('a', 'mute'), attempt('b', 'lost'), attempt('c', 'unclear'))).toEqual(['a', 'b', 'c'])
})

test('a boot that succeeded, or an end that somebody wanted, is where counting begins anew', () => {
  expect(zones(attempt('a', 'mute'), attempt('b', 'silent', 5), attempt('c', 'mute'))).toEqual(['c'])
  expect(zones(attempt('a', 'mute'), attempt('b', 'replaced'), attempt('c', 'mute'))).toEqual(['c'])
})
