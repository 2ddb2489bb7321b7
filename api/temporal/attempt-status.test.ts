import { expect, test } from 'vitest'
import { KEY } from '../testing.ts'
import { attemptStatusOf } from './attempt-status.ts'
import type { HostView } from './attempt-status.ts'

const RUNNING: HostView = { status: 'RUNNING', generation: KEY.generation, attempt: 1, phase: 'ready' }

const cases: [string, Partial<HostView>, ReturnType<typeof attemptStatusOf>['kind']][] = [
  ['ready', {}, 'current'],
  ['booting', { phase: 'booting' }, 'current'],
  ['draining', { phase: 'draining' }, 'current'],
  ['silent', { phase: 'silent' }, 'silent'],
  ['deleting', { phase: 'deleting' }, 'gone'],
  ['retired', { phase: 'retired' }, 'gone'],
  ['at a later attempt', { attempt: 2, phase: 'booting' }, 'gone'],
  ['shown with an earlier attempt that was deleting', { attempt: 0, phase: 'deleting' }, 'current'],
  ['shown with an earlier attempt that was silent', { attempt: 0, phase: 'silent' }, 'current'],
  ['of another generation', { generation: '0000000000' }, 'gone'],
  ['completed', { status: 'COMPLETED' }, 'gone'],
  ['failed', { status: 'FAILED' }, 'gone'],
  ['cancelled', { status: 'CANCELLED' }, 'gone'],
  ['terminated', { status: 'TERMINATED' }, 'gone'],
  ['timed out', { status: 'TIMED_OUT' }, 'gone'],
  ['between two runs', { status: 'CONTINUED_AS_NEW' }, 'current'],
  ['paused', { status: 'PAUSED' }, 'current'],
  ['in a state this version does not know', { status: 'UNKNOWN' }, 'current'],
]

test.each(cases)('a host %s is judged by what is proven', (_what, view, kind) => {
  expect(attemptStatusOf({ ...RUNNING, ...view }, KEY).kind).toBe(kind)
})

test('a host that Temporal says nothing of is current', () => {
  expect(attemptStatusOf({ status: 'RUNNING' }, KEY).kind).toBe('current')
})
