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
  return async () => (await run((input: SweepInput) => activities.sweepOrphans(input), INPUT)).answer
}

/** An instance that was marked long ago, so that any doubt that is overlooked would delete it. */
async function markedInstance(setting: Setting): Promise<string> {
  const instanceId = await setting.launched(keyOf(1))
  const instance = setting.emulator.cloud.instances.get(instanceId)
  if (instance)
    setting.emulator.cloud.instances.setTags(instance, { [TAGS.orphanSince]: '2020-01-01T00:00:00Z' })
  return instanceId
}

function expectUntouched(setting: Setting, instanceId: string): void {
  const tags = setting.emulator.cloud.instances.get(instanceId)?.tags
  expect(tags?.[TAGS.orphanSince]).toBe('2020-01-01T00:00:00Z')
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

test('an empty cloud without hosts is in order', async () => {
  const setting = await openSetting()
  const report = await (await sweepOf(setting))()
  expect(report).toMatchObject({ marked: 0, deleted: 0, missing: [], alarms: [] })
  expect(report.abandoned).toBeUndefined()
})
