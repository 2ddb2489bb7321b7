import { Client, Connection } from '@temporalio/client'
import { expect, onTestFinished, test } from 'vitest'
import type { SweepInput } from '../../domain/sweep/types.ts'
import { TAGS } from '../../domain/tags.ts'
import { keyOf, openSetting, OWNER, run, SPEC } from '../testing/setting.ts'
import type { Setting } from '../testing/setting.ts'
import { refusal, scriptedCloud } from '../testing/scripted-cloud.ts'
import type { SweepActivityDeps } from './deps.ts'
import { createSweepActivities } from './index.ts'

const INPUT: SweepInput = {
  ...OWNER,
  region: SPEC.region,
  by: 'test',
  why: 'to see it',
  policy: { ageGuardMs: 0 },
}

/** A Temporal that is not there: nothing listens at port 1. */
async function noTemporal(): Promise<Client> {
  const connection = Connection.lazy({ address: '127.0.0.1:1' })
  onTestFinished(() => connection.close())
  return new Client({ connection })
}

async function sweepOf(setting: Setting, changes: Partial<SweepActivityDeps> = {}) {
  const temporal = await noTemporal()
  const { store } = setting
  const activities = createSweepActivities({ ...setting.deps, store, temporal, ...changes })
  return async (asked: Partial<SweepInput> = {}) =>
    (await run((input: SweepInput) => activities.sweepOrphans(input), { ...INPUT, ...asked })).answer
}

/** The cloud tells when an instance was made by the minute: never after this. */
const MARK = `${new Date().toISOString().slice(0, 16)}:00Z`

/** An instance that is marked, so that without an age guard any doubt that is overlooked would delete it. */
async function markedInstance(setting: Setting): Promise<string> {
  const instanceId = await setting.launched(keyOf(1))
  const instance = setting.emulator.cloud.instances.get(instanceId)
  if (instance) {
    instance.createdAtMs = Date.parse(MARK)
    setting.emulator.cloud.instances.setTags(instance, { [TAGS.orphanSince]: MARK })
  }
  return instanceId
}

function expectUntouched(setting: Setting, instanceId: string): void {
  const tags = setting.emulator.cloud.instances.get(instanceId)?.tags
  expect(tags?.[TAGS.orphanSince]).toBe(MARK)
  for (const action of ['DeleteInstances', 'DeleteInstance', 'TagResources', 'UntagResources'])
    expect(`${action} ${setting.calls(action)}`).toBe(`${action} 0`)
}

test('without Temporal nothing is marked or deleted', async () => {
  const setting = await openSetting()
  const instanceId = await markedInstance(setting)
  const report = await (await sweepOf(setting))()
  expect(report.abandoned).toContain('Temporal did not say whether host render/00001 runs')
  expect(report.alarms).toHaveLength(1)
  expectUntouched(setting, instanceId)
})

test('incident 8: without the store nothing is marked or deleted, and the sweep fails', async () => {
  const setting = await openSetting()
  const instanceId = await markedInstance(setting)
  const list = () => Promise.reject(new Error('disk full'))
  const { store } = setting
  const sweep = await sweepOf(setting, { store: { ...store, fleets: { ...store.fleets, list } } })
  await expect(sweep()).rejects.toThrow('disk full')
  expectUntouched(setting, instanceId)
})

test.each(['ListTagResources', 'DescribeInstances', 'DescribeDisks', 'DescribeNetworkInterfaces'])(
  'when a page of %s fails nothing is marked or deleted',
  async (action) => {
    const setting = await openSetting()
    const instanceId = await markedInstance(setting)
    setting.fault({ action, effect: { type: 'error', code: 'ServiceUnavailable', httpStatus: 503 } })
    const report = await (await sweepOf(setting))()
    expect(report.abandoned).toContain(`the cloud's list is not whole: ${action}`)
    expectUntouched(setting, instanceId)
  },
)

test('a list that is cut short by the cloud counts as none', async () => {
  const cloud = await scriptedCloud((call) => {
    if (call.action === 'ListTagResources')
      return call.respond(200, {
        TagResources: {
          TagResource: Array.from({ length: 20 }, (_, at) => ({ ResourceId: `i-${at}` })),
        },
      })
    return call.respond(200, { Instances: { Instance: [] } })
  })
  const setting = await openSetting()
  const report = await (await sweepOf(setting, { ecs: () => cloud.ecs }))()
  expect(report.abandoned).toContain('lists 20 instances by tag, but does not describe 20 of them')
})

test('a list that is never the same twice counts as none', async () => {
  let reading = 0
  const cloud = await scriptedCloud((call) => {
    if (call.action === 'ListTagResources')
      return call.respond(200, { TagResources: { TagResource: [{ ResourceId: `i-${(reading += 1)}` }] } })
    return call.action === 'DescribeInstances'
      ? call.respond(200, { Instances: { Instance: [] } })
      : call.respond(403, refusal('Forbidden.RAM'))
  })
  const setting = await openSetting()
  const report = await (await sweepOf(setting, { ecs: () => cloud.ecs }))()
  expect(report.abandoned).toContain('the list of instances changed in each of 4 readings')
  expect(reading).toBe(4)
})

test('what the store has kept for long enough goes with a sweep, but not with a dry run', async () => {
  const setting = await openSetting()
  const { store } = setting
  const row = { who: 'a', what: 'resize', target: 'fleet render', why: 'x' }
  await store.audit.add({ ...row, at: 1 })
  await store.audit.add({ ...row, at: setting.deps.clock() - 89 * 24 * 3_600_000 })
  const sweep = await sweepOf(setting)
  await sweep({ dryRun: true })
  expect(await store.audit.list({})).toHaveLength(2)
  await sweep()
  expect(await store.audit.list({})).toHaveLength(1)
})

test('it goes although the sweep fails', async () => {
  const setting = await openSetting()
  const { store } = setting
  await store.audit.add({ who: 'a', what: 'resize', target: 'fleet render', why: 'x', at: 1 })
  const list = () => Promise.reject(new Error('not to be listed'))
  const sweep = await sweepOf(setting, { store: { ...store, fleets: { ...store.fleets, list } } })
  await expect(sweep()).rejects.toThrow('not to be listed')
  expect(await store.audit.list({})).toEqual([])
})

test('a store that cannot delete what is old stops no sweep', async () => {
  const setting = await openSetting()
  const prune = () => Promise.reject(new Error('disk full'))
  const report = await (await sweepOf(setting, { store: { ...setting.store, prune } }))()
  expect(report.abandoned).toBeUndefined()
  expect(setting.log.join()).toContain('disk full')
})

test('an empty cloud without hosts is in order', async () => {
  const setting = await openSetting()
  const report = await (await sweepOf(setting))()
  expect(report).toMatchObject({ marked: 0, deleted: 0, missing: [], alarms: [] })
  expect(report.abandoned).toBeUndefined()
})
