import { expect, test } from 'vitest'
import { checkStory, type Script } from './check-story.ts'
import type { DemoAttempt, Story } from './report.ts'

const SCRIPT: Script = {
  hosts: ['demo/00001', 'demo/00002', 'demo/00003'],
  mute: 'demo/00002',
  bootTimeoutMs: 20 * 60_000,
}

const attempt = (n: number, instanceId: string, changes: Partial<DemoAttempt> = {}): DemoAttempt => ({
  n,
  instanceId,
  outcome: 'retired',
  launchedAt: '2026-11-23T10:00:00.000Z',
  startedAt: '2026-11-23T10:00:03.000Z',
  deletedAt: '2026-11-23T10:01:00.000Z',
  reason: 'because',
  ...changes,
})
const MUTE = { outcome: 'mute', startedAt: null, deletedAt: '2026-11-23T10:20:05.000Z' }
const SECOND = {
  launchedAt: '2026-11-23T10:20:10.000Z',
  startedAt: '2026-11-23T10:20:13.000Z',
  deletedAt: '2026-11-23T10:21:00.000Z',
}

/** The story as it should be, with one host's attempts or one fact changed. */
function story(changes: Partial<Record<string, DemoAttempt[]>> = {}, facts: Partial<Story> = {}): Story {
  const attempts: Record<string, DemoAttempt[]> = {
    'demo/00001': [attempt(1, 'i-1')],
    'demo/00002': [attempt(1, 'i-2', MUTE), attempt(2, 'i-4', SECOND)],
    'demo/00003': [attempt(1, 'i-3')],
  }
  return {
    hosts: SCRIPT.hosts.map((id) => ({ id, attempts: changes[id] ?? attempts[id] ?? [] })),
    ecsCalls: { RunInstances: 4, DeleteInstances: 4 },
    instancesLeft: 0,
    ...facts,
  }
}

test('the story as it should be has nothing against it', () => {
  expect(checkStory(story(), SCRIPT)).toEqual([])
})

const mute = (changes: Partial<DemoAttempt>) => ({
  'demo/00002': [attempt(1, 'i-2', { ...MUTE, ...changes }), attempt(2, 'i-4', SECOND)],
})

test.each<[string, Story, string]>([
  [
    'a mute host that never came back',
    story({ 'demo/00002': [attempt(1, 'i-2', MUTE)] }),
    'ended mute instead',
  ],
  ['a host that was not mute', story({ 'demo/00002': [attempt(1, 'i-2')] }), 'ended retired instead of mute'],
  [
    'a second failure',
    story({ 'demo/00001': [attempt(1, 'i-1', { outcome: 'lost' })] }),
    'ended lost instead',
  ],
  ['a host that has not ended', story({ 'demo/00003': [] }), 'ended not at all'],
  ['a mute one that spoke', story(mute({ startedAt: '2026-11-23T10:05:00.000Z' })), 'was to stay mute'],
  ['one deleted too early', story(mute({ deletedAt: '2026-11-23T10:19:59.000Z' })), 'before its deadline'],
  ['one that was not deleted', story(mute({ deletedAt: null })), 'was not deleted'],
  [
    'a host that never started',
    story({ 'demo/00001': [attempt(1, 'i-1', { startedAt: null })] }),
    'never started',
  ],
  ['a launch beside a living one', story(mute({ deletedAt: '2026-11-23T10:20:11.000Z' })), 'still lived'],
  ['one instance for two', story({ 'demo/00003': [attempt(1, 'i-1')] }), 'i-1 stands for two attempts'],
  ['an attempt without instance', story(mute({ instanceId: null })), 'had no instance'],
  ['too many launches', story({}, { ecsCalls: { RunInstances: 5 } }), '5 RunInstances instead of 4'],
  ['no calls at all', story({}, { ecsCalls: {} }), '0 RunInstances instead of 4'],
  ['instances left', story({}, { instancesLeft: 1 }), '1 instances left'],
  [
    'a missing host',
    { ...story(), hosts: story().hosts.slice(0, 2) },
    'host demo/00003: attempts ended not at all',
  ],
])('%s is told', (_, told, problem) => {
  expect(checkStory(told, SCRIPT).join('; ')).toContain(problem)
})
