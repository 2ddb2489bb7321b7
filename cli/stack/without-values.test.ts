import { expect, test } from 'vitest'
import { specDiff } from './spec-diff.ts'
import { withoutValues } from './without-values.ts'

const workload = (env?: Record<string, string>) => ({ workload: { command: ['x'], ...(env && { env }) } })
const told = (from: unknown, to: unknown) => specDiff(from, to).map(withoutValues)

test('a variable that changes is told by its name', () => {
  const was = { KEY: 'hunter2', SAME: 'a', OLD: 'b' }
  expect(told(workload(was), workload({ KEY: 'hunter3', SAME: 'a', NEW: 'c' }))).toEqual([
    { field: 'workload.env.KEY', from: '(not shown)', to: '(not shown)' },
    { field: 'workload.env.NEW', from: undefined, to: '(not shown)' },
    { field: 'workload.env.OLD', from: '(not shown)', to: undefined },
  ])
})

test('whole sets of variables that come or go are, too', () => {
  const env = { KEY: 'hunter2' }
  const shown = { KEY: '(not shown)' }
  expect(told(workload(), workload(env))).toEqual([{ field: 'workload.env', from: undefined, to: shown }])
  expect(told(workload(env), {})).toEqual([
    { field: 'workload', from: { command: ['x'], env: shown }, to: undefined },
  ])
})

test('anything else is shown', () => {
  expect(told({ imageId: 'a', workload: { stopTimeoutMs: 1 } }, { imageId: 'b', workload: {} })).toEqual([
    { field: 'imageId', from: 'a', to: 'b' },
    { field: 'workload.stopTimeoutMs', from: 1, to: undefined },
  ])
})
