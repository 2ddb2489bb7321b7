import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import { toScheduleSpecs } from '../../domain/config/index.ts'
import { nextTimes } from '../../domain/cron/index.ts'
import { generationOf, hostId, sweepWorkflowId, type HostId } from '../../domain/ids.ts'
import { HOST_UPDATES, WORKFLOWS } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import type { HostSpec } from '../../domain/spec.ts'
import type { ActionInput } from '../../domain/schedules/types.ts'
import type { SweepInput, SweepReport } from '../../domain/sweep/types.ts'
import { instanceTags, TAGS } from '../../domain/tags.ts'
import type { EcsApi } from '../../activities/ecs/api.ts'
import { createEcsApi } from '../../activities/index.ts'
import { createSweepActivities } from '../../activities/sweep/index.ts'
import { scriptedCloud } from '../../activities/testing/scripted-cloud.ts'
import { run } from '../../activities/testing/setting.ts'
import { askMuster, createPlace } from '../cli/muster.ts'
import { createWorld, type World } from '../support/world.ts'
import { CONTROLLER } from '../support/names.ts'
import { exists, launchTagged, lineOf, ownerOf, sweep, tagsOf } from './stage.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev' })
})
afterAll(() => world?.close())

const MINUTE = 60_000

/** A host that is ready, and its instance. */
async function readyHost(
  slot: number,
  spec: Partial<HostSpec> = {},
): Promise<{ host: HostId; instanceId: string }> {
  const host = await world.startHost(slot, spec)
  // The sweep reads the host's row, which is written as ready just before the watch begins.
  const { current } = await world.when(host, 'to be watched', ({ step }) => step === 'watch')
  return { host, instanceId: current.instanceId ?? '' }
}

const asked = { by: 'test', why: 'seen' }

async function retire(host: HostId): Promise<void> {
  await world.handle(host).executeUpdate(HOST_UPDATES.retire, { args: [{ ...asked, drain: false }] })
  await world.handle(host).result()
}

describe('instances', () => {
  test('an orphan is marked, and deleted by a later sweep; what hosts have stays', async () => {
    const [kept, lost] = [await readyHost(1), await readyHost(2)]
    await world.handle(lost.host).terminate('by hand')
    const first = await sweep(world)
    expect(lineOf(first, lost.instanceId)).toMatchObject({ verdict: 'markOrphan', outcome: 'done' })
    expect(first).toMatchObject({ marked: 1, deleted: 0, alarms: [] })
    expect(tagsOf(world, lost.instanceId)?.[TAGS.orphanSince]).toMatch(/^\d{4}-\d\d-\d\dT/)
    // Marked just now: within the age guard it stays.
    const between = await sweep(world, { policy: { ageGuardMs: 10 * MINUTE } })
    expect(between).toMatchObject({ marked: 0, deleted: 0 })
    const second = await sweep(world)
    expect(lineOf(second, lost.instanceId)).toMatchObject({ verdict: 'delete', outcome: 'done' })
    expect(exists(world, lost.instanceId)).toBe(false)
    expect(exists(world, kept.instanceId)).toBe(true)
    expect((await world.state(kept.host)).phase).toBe('ready')
    const audit = await world.store.audit.list({ target: `host ${lost.host}` })
    expect(audit.map(({ who, what }) => `${who}: ${what}`)).toEqual([
      `sweep: delete instance ${lost.instanceId}`,
      `sweep: mark instance ${lost.instanceId}`,
    ])
    await retire(kept.host)
  })

  test('a dry run says the same and does nothing', async () => {
    const { host, instanceId } = await readyHost(3)
    await world.handle(host).terminate('by hand')
    const report = await sweep(world, { dryRun: true })
    expect(lineOf(report, instanceId)?.verdict).toBe('markOrphan')
    expect(report.marked).toBe(0)
    expect(tagsOf(world, instanceId)).not.toHaveProperty([TAGS.orphanSince])
    await sweep(world)
    expect((await sweep(world)).deleted).toBe(1)
  })

  test('incident 10: a launch whose host does not know of it yet is not touched', async () => {
    const host = hostId('render', 4)
    world.emulator.addFault({
      action: 'RunInstances',
      match: { host },
      count: 1,
      effect: { type: 'hang', when: 'after', seconds: 3 },
    })
    await world.startHost(host)
    const { id } = await waitFor('an instance nobody knows', () =>
      world.instances().find((one) => one.host === host),
    )
    expect((await world.state(host)).current.instanceId).toBeUndefined()
    const guarded = await sweep(world, { policy: { ageGuardMs: 10 * MINUTE } })
    expect(lineOf(guarded, id)?.verdict).toBe('tooYoung')
    const unguarded = await sweep(world)
    expect(lineOf(unguarded, id)).toBeUndefined()
    expect(unguarded.counts.instance.claimed).toBeGreaterThan(0)
    const { current } = await world.until(host, 'ready')
    expect(current.instanceId).toBe(id)
    await retire(host)
  })

  test('one that is kept for a person stays until its time is over', async () => {
    const { host, instanceId } = await readyHost(5)
    const handle = world.handle(host)
    await handle.executeUpdate(HOST_UPDATES.preserve, { args: [{ ...asked, forMs: 31 * MINUTE }] })
    await handle.executeUpdate(HOST_UPDATES.replace, { args: [{ ...asked, drain: false }] })
    await world.until(host, 'ready', 2)
    expect(lineOf(await sweep(world), instanceId)?.verdict).toBe('preserved')
    world.skipClock(40 * MINUTE)
    const later = await sweep(world, { dryRun: true })
    expect(lineOf(later, instanceId)).toMatchObject({
      verdict: 'markOrphan',
      reason: `unclaimed: ${host} is at attempt 2, past 1`,
    })
    await retire(host)
    for (const _ of ['marked', 'deleted']) await sweep(world)
    expect(exists(world, instanceId)).toBe(false)
  })

  test('those of another namespace and those whose tags name nobody are told, and never touched', async () => {
    const key = { host: hostId('render', 6), generation: 'ffffffffff', attempt: 1 }
    const [foreign = ''] = await launchTagged(world, key, 1, { ...ownerOf(world), namespaceId: 'another' })
    const [unreadable = ''] = await launchTagged(world, { ...key, host: 'nobody' })
    for (const _ of [1, 2, 3]) {
      const report = await sweep(world)
      expect(lineOf(report, foreign)?.verdict).toBe('foreign')
      expect(lineOf(report, unreadable)?.verdict).toBe('unreadable')
      expect(report.alarms.join()).toContain(foreign)
      expect(report.alarms.join()).toContain(unreadable)
    }
    for (const id of [foreign, unreadable]) {
      expect(tagsOf(world, id)).not.toHaveProperty([TAGS.orphanSince])
      await remove(id)
    }
  })

  test('more than the limit: none is touched until a person says so', async () => {
    const ghosts = await launchTagged(
      world,
      { host: hostId('ghost', 1), generation: 'ffffffffff', attempt: 1 },
      6,
    )
    for (const _ of [1, 2]) {
      const report = await sweep(world)
      expect(report).toMatchObject({ marked: 0, deleted: 0 })
      expect(report.counts.instance.held).toBe(6)
      expect(report.alarms[0]).toContain('6 instances of fleet ghost are unclaimed, more than 5')
    }
    expect((await sweep(world, { policy: { ageGuardMs: 0, maxOrphans: 6 } })).marked).toBe(6)
    expect((await sweep(world, { policy: { ageGuardMs: 0, maxOrphans: 6 } })).deleted).toBe(6)
    expect(ghosts.filter((id) => exists(world, id))).toEqual([])
  })

  test('what the cloud refuses to delete is told', async () => {
    const key = { host: hostId('render', 12), generation: 'ffffffffff', attempt: 1 }
    const [id = ''] = await launchTagged(world, key)
    const instance = world.emulator.cloud.instances.get(id)
    if (instance) instance.deletionProtection = true
    await sweep(world)
    const report = await sweep(world)
    expect(lineOf(report, id)).toMatchObject({ verdict: 'delete', outcome: 'refused' })
    expect(report.deleted).toBe(0)
    expect(report.alarms.join()).toContain('has deletion protection enabled')
    await remove(id)
  })

  test('a mark on what is claimed is taken away', async () => {
    const { host, instanceId } = await readyHost(7)
    const instance = world.emulator.cloud.instances.get(instanceId)
    if (instance)
      world.emulator.cloud.instances.setTags(instance, { [TAGS.orphanSince]: '2020-01-01T00:00:00Z' })
    const report = await sweep(world)
    expect(lineOf(report, instanceId)).toMatchObject({ verdict: 'unmark', outcome: 'done' })
    expect(tagsOf(world, instanceId)).not.toHaveProperty([TAGS.orphanSince])
    expect(exists(world, instanceId)).toBe(true)
    await retire(host)
  })

  test('a host whose instance is gone is told', async () => {
    const { host, instanceId } = await readyHost(8)
    await remove(instanceId)
    const report = await sweep(world)
    expect(report.missing).toEqual([{ host, instanceId, phase: 'ready' }])
    expect(report.alarms.join()).toContain(`host ${host} is ready on ${instanceId}`)
    await retire(host)
  })
})

test('when the instances of many hosts are unknown to the cloud, its list is taken for wrong', async () => {
  // None may notice on its own that its instance is gone, however slow this machine is.
  const patient = { heartbeatTimeoutMs: 120_000, silentGraceMs: 240_000 }
  const hosts = await Promise.all([20, 21, 22, 23, 24, 25].map((slot) => readyHost(slot, patient)))
  // More is listed than is missing: a share of the list would be no limit at all.
  const listed = await Promise.all(
    [26, 27, 28, 29, 30, 31, 32].map((slot) =>
      launchTagged(world, { host: hostId('render', slot), generation: 'ffffffffff', attempt: 1 }),
    ),
  )
  const orphans = listed.flat()
  // Whatever becomes of this test: so many of them would hold back the sweeps of all others.
  onTestFinished(() => Promise.all(orphans.map((id) => remove(id))).then(() => undefined))
  await Promise.all(hosts.map(({ instanceId }) => remove(instanceId)))
  const report = await sweep(world, { policy: { ageGuardMs: 0, maxPercent: 100 } })
  expect(report.abandoned).toMatch(
    /does not know the instances of 6 hosts .*, more than 5: its list cannot be right/,
  )
  for (const orphan of orphans) expect(tagsOf(world, orphan)).not.toHaveProperty([TAGS.orphanSince])
  await Promise.all(hosts.map(({ host }) => retire(host)))
})

test('what has changed since it was listed is not deleted', async () => {
  const key = { host: hostId('render', 30), generation: 'ffffffffff', attempt: 1 }
  const tagged = { ...instanceTags(ownerOf(world), key), [TAGS.orphanSince]: '2020-01-01T00:00:00Z' }
  const kept = { ...tagged, [TAGS.preserveUntil]: '2999-01-01T00:00:00Z' }
  let looks = 0
  const instance = (tags: Record<string, string>) => ({
    InstanceId: 'i-1',
    Status: 'Running',
    CreationTime: '2020-01-01T00:00Z',
    Tags: { Tag: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })) },
  })
  const answers: Record<string, () => object> = {
    ListTagResources: () => ({ TagResources: { TagResource: [{ ResourceId: 'i-1' }] } }),
    DescribeInstances: () => ({ Instances: { Instance: [instance((looks += 1) === 1 ? tagged : kept)] } }),
    DescribeDisks: () => ({ Disks: { Disk: [] } }),
    DescribeNetworkInterfaces: () => ({ NetworkInterfaceSets: { NetworkInterfaceSet: [] } }),
  }
  const cloud = await scriptedCloud((call) => call.respond(200, answers[call.action]?.() ?? {}))
  const activities = createSweepActivities({
    ecs: () => cloud.ecs,
    temporal: world.client,
    store: world.store,
    clock: Date.now,
    log: world.log,
    cloudGridMs: 100,
  })
  const { answer } = await run((input: SweepInput) => activities.sweepOrphans(input), {
    ...ownerOf(world),
    region: 'cn-hangzhou',
    by: 'test',
    why: 'to see it',
  })
  expect(lineOf(answer, 'i-1')).toMatchObject({ verdict: 'preserved', outcome: 'changed' })
  expect(answer.deleted).toBe(0)
  expect(cloud.calls.map(({ action }) => action)).not.toContain('DeleteInstances')
})

/** The cloud, whose every list takes this long by the clock of the sweep. */
function slowCloud(advance: () => void): EcsApi {
  const { endpoint, credentials } = world.emulator
  const ecs = createEcsApi({ region: 'cn-hangzhou', endpoint, protocol: 'http', credentials })
  const slowed = async <T>(answer: Promise<T>): Promise<T> => {
    advance()
    return await answer
  }
  return {
    ...ecs,
    taggedInstances: (tags) => slowed(ecs.taggedInstances(tags)),
    describeInstances: (ids) => slowed(ecs.describeInstances(ids)),
    freeResources: (kind) => slowed(ecs.freeResources(kind)),
  }
}

test('with the defaults what one sweep marks the next one by the schedule deletes, and none by hand in between', async () => {
  const key = { host: hostId('render', 13), generation: 'ffffffffff', attempt: 1 }
  const [id = ''] = await launchTagged(world, key)
  const [standard] = toScheduleSpecs({ schedules: {}, timezone: 'UTC' })
  // An hour from now: the instance is old enough.
  const from = new Date(Date.now() + 60 * MINUTE)
  const [first, second] = nextTimes(standard?.expression ?? '', { timezone: 'UTC', from, count: 2 })
  const time = { now: 0, listMs: 0 }
  const ecs = slowCloud(() => (time.now += time.listMs))
  const { client: temporal, store, log } = world
  const clock = () => time.now
  const activities = createSweepActivities({ ecs: () => ecs, temporal, store, clock, log, cloudGridMs: 100 })
  const sweepAt = async (at: number, listMs: number) => {
    Object.assign(time, { now: at, listMs })
    const input = { ...ownerOf(world), region: 'cn-hangzhou', by: 'test', why: 'to see it' }
    const { answer } = await run((order: SweepInput) => activities.sweepOrphans(order), input)
    return lineOf(answer, id)
  }
  const [at, next] = [Number(first), Number(second)]
  expect(standard?.do).toEqual({ sweep: {} })
  expect(await sweepAt(at, 5_000)).toMatchObject({ verdict: 'markOrphan', outcome: 'done' })
  expect(await sweepAt(at + 60_000, 2_000)).toMatchObject({ verdict: 'marked' })
  expect(exists(world, id)).toBe(true)
  // Faster than the one that marked it: the mark is younger than the time between the two.
  expect(await sweepAt(next, 2_000)).toMatchObject({ verdict: 'delete', outcome: 'done' })
  expect(exists(world, id)).toBe(false)
})

test('a disk and a network interface that outlived their instance are marked, then deleted', async () => {
  const { host } = await readyHost(9)
  for (const type of ['leaveDisk', 'leaveInterface'] as const)
    world.emulator.addFault({ id: type, match: { host }, effect: { type } })
  await retire(host)
  const left = () => world.emulator.cloud.leftovers.all()
  expect(left().map(({ kind }) => kind)).toEqual(['disk', 'interface'])
  const first = await sweep(world)
  expect(first).toMatchObject({ marked: 2, deleted: 0, counts: { disk: { markOrphan: 1 } } })
  const second = await sweep(world)
  expect(second).toMatchObject({ deleted: 2, counts: { interface: { delete: 1 } } })
  expect(left()).toEqual([])
})

test('a schedule’s action starts a sweep', async () => {
  const { temporal, client } = world
  const input: ActionInput = {
    schedule: 'tidy',
    expression: '@every 10m',
    timezone: 'UTC',
    dialect: 'robfig-v1',
    anchor: '2026-01-01T00:00:00Z',
    do: { sweep: {} },
    scope: { controller: CONTROLLER, namespaceId: temporal.namespaceId, region: 'cn-hangzhou' },
  }
  await client.workflow.execute(WORKFLOWS.action, {
    workflowId: 'action-tidy',
    taskQueue: MUSTER_QUEUE,
    args: [input],
  })
  const handle = client.workflow.getHandle(sweepWorkflowId(CONTROLLER))
  const report = (await handle.result()) as SweepReport
  expect(report).toMatchObject({ dryRun: false, policy: { ageGuardMs: 10 * MINUTE } })
  expect(report.abandoned).toBeUndefined()
})

test('the command sweeps, and tells how the last sweep ended', async () => {
  const place = await createPlace()
  const file = join(place.folder, 'muster.yaml')
  writeFileSync(file, `controller: ${CONTROLLER}\n`)
  const env = { TEMPORAL_ADDRESS: world.temporal.address }
  const key = { host: hostId('render', 10), generation: 'ffffffffff', attempt: 1 }
  const [id = ''] = await launchTagged(world, key)
  const report = await askMuster<SweepReport>(place, ['sweep', '--config', file, '--dry-run'], { env })
  // The command goes by the config's age guard.
  expect(report).toMatchObject({ ok: true, dryRun: true, policy: { ageGuardMs: 10 * MINUTE } })
  expect(lineOf(report, id)?.verdict).toMatch(/tooYoung|markOrphan/)
  const last = await askMuster<SweepReport>(place, ['sweep', '--config', file, '--last'], { env })
  expect(last).toEqual(report)
  await remove(id)
})

test('incident 7: with 1,100 instances the orphan on the last page is found, and no other is touched', async () => {
  // Newest first: the orphan is made before all others.
  const [orphan = ''] = await launchTagged(world, {
    host: hostId('render', 11),
    generation: 'ffffffffff',
    attempt: 1,
  })
  const host = hostId('large', 1)
  // Its own launches never end; those below are in another zone.
  const match = { host, zoneId: 'cn-hangzhou-h' }
  world.emulator.addFault({ action: 'RunInstances', match, effect: { type: 'hang' } })
  await world.startHost(host)
  const { raw } = await world.handle(host).describe()
  const generation = generationOf(raw.workflowExecutionInfo?.firstRunId ?? '')
  await waitFor('the host to launch', async () => (await world.state(host)).step === 'launch')
  // A host that knows no instance yet claims whatever carries its attempt.
  for (let made = 0; made < 11; made += 1) await launchTagged(world, { host, generation, attempt: 1 }, 100)
  const first = await sweep(world)
  expect(first.counts.instance).toMatchObject({ markOrphan: 1, claimed: 1_100 })
  const second = await sweep(world)
  expect(second).toMatchObject({ deleted: 1, counts: { instance: { delete: 1, claimed: 1_100 } } })
  expect(exists(world, orphan)).toBe(false)
  expect(world.instances().length).toBeGreaterThanOrEqual(1_100)
})

async function remove(instanceId: string): Promise<void> {
  const { cloud } = world.emulator
  const instance = cloud.instances.get(instanceId)
  if (instance) cloud.lifecycle.release(instance, { force: true })
  await waitFor(`${instanceId} to be gone`, () => cloud.instances.get(instanceId) === undefined)
}
