import { expect, test } from 'vitest'
import { testSpec } from '../testing.ts'
import { nextPost, takeAnswer, type LightAgent } from './light-agent.ts'

function beating(): LightAgent {
  return {
    spec: testSpec(),
    enrollment: { apiUrl: 'http://127.0.0.1:1', token: 'token' },
    bootId: 'boot-1',
    keepsConnection: false,
    phase: 'beating',
    posts: 0,
    seq: 0,
    failures: 0,
    heartbeatMs: 1_000,
    workload: 'none',
    owesDrained: false,
    stopping: false,
    acks: [],
  }
}

test('a reclaim that is announced while a beat is under way is told by the next', () => {
  const agent = beating()
  const at = '2026-01-01T00:05:00.000Z'
  const said = () => (JSON.parse(nextPost(agent, 0).body) as { reclaimAt?: string }).reclaimAt
  expect(said()).toBeUndefined()
  agent.reclaimAt = at
  takeAnswer(agent, 200, '{}', 0)
  expect(said()).toBe(at)
  takeAnswer(agent, 503, '', 0)
  expect(said(), 'until it was accepted').toBe(at)
  takeAnswer(agent, 200, '{}', 0)
  expect(said()).toBeUndefined()
})
