import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Emulator } from '../index.ts'
import { Ecs, GOOD_LAUNCH, startTestEmulator, until } from '../testing/sdk.ts'
import type { EcsClient } from '../testing/sdk.ts'
import type { RecordingRoom } from '../testing/recording-room.ts'
import { send } from '../testing/signed.ts'

let emulator: Emulator
let client: EcsClient
let room: RecordingRoom
beforeEach(async () => {
  ;({ emulator, client, room } = await startTestEmulator())
})
afterEach(() => emulator.close())

async function call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const answer = await fetch(`${emulator.adminUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as T }
}

async function run(change: object = {}): Promise<string> {
  const made = await client.runInstances(new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, ...change }))
  return made.body!.instanceIdSets!.instanceIdSet![0]!
}

test('state shows instances, their machines and counts, and no user data', async () => {
  const id = await run({ userData: Buffer.from('very secret').toString('base64') })
  await until(() => room.machines.get(id)?.on, 'machine on')
  const { body } = await call<{ instances: Record<string, unknown>[]; statuses: object; calls: object }>(
    'GET',
    'state',
  )
  expect(body.instances[0]).toMatchObject({
    instanceId: id,
    status: 'Running',
    userDataBytes: 11,
    machine: expect.stringMatching(/^http:\/\/127\./),
  })
  expect(body.statuses).toEqual({ Running: 1 })
  expect(body.calls).toEqual({ RunInstances: { OK: 1 } })
  expect(JSON.stringify(body)).not.toContain(Buffer.from('very secret').toString('base64'))
})

test('the recorder keeps calls in order and hides secrets unless asked for them', async () => {
  const userData = Buffer.from('very secret').toString('base64')
  await run({ userData, password: 'Abcdefg1!' })
  await client.deleteInstance(new Ecs.DeleteInstanceRequest({ instanceId: 'i-none' })).catch(() => undefined)
  type Answer = {
    calls: { action: string; outcome: string; requestId: string; parameters: Record<string, string> }[]
    counts: object
  }
  const shown = (await call<Answer>('GET', 'recorder')).body
  expect(shown.calls.map(({ action, outcome }) => [action, outcome])).toEqual([
    ['RunInstances', 'OK'],
    ['DeleteInstance', 'InvalidInstanceId.NotFound'],
  ])
  expect(shown.calls[0]!.parameters).toMatchObject({
    UserData: '(16 characters)',
    Password: '(9 characters)',
    ZoneId: 'cn-hangzhou-g',
  })
  expect(shown.counts).toEqual({
    RunInstances: { OK: 1 },
    DeleteInstance: { 'InvalidInstanceId.NotFound': 1 },
  })
  const full = (await call<Answer>('GET', 'recorder?full=1&action=RunInstances')).body
  expect(full.calls).toHaveLength(1)
  expect(full.calls[0]!.parameters['UserData']).toBe(userData)
  const page = await (await fetch(emulator.adminUrl)).text()
  expect(page).not.toContain(userData)
})

test('faults are added, listed, removed one by one and all together', async () => {
  const added = await call<{ faults: { id: string }[] }>('POST', 'faults', [
    { id: 'one', action: 'DescribeRegions', effect: { type: 'error', code: 'Throttling' } },
    { effect: { type: 'muteAgent' } },
  ])
  expect(added.status).toBe(201)
  expect(added.body.faults.map(({ id }) => id)).toEqual(['one', 'fault-1'])
  await expect(client.describeRegions(new Ecs.DescribeRegionsRequest({}))).rejects.toMatchObject({
    code: 'Throttling',
  })
  expect((await call<{ faults: object[] }>('DELETE', 'faults/one')).body.faults).toHaveLength(1)
  expect((await call('DELETE', 'faults/one')).status).toBe(404)
  expect((await call<{ faults: object[] }>('DELETE', 'faults')).body.faults).toEqual([])
  expect((await client.describeRegions(new Ecs.DescribeRegionsRequest({}))).statusCode).toBe(200)
})

test('the clock is set, moved and advanced', async () => {
  const set = await call<{ policy: Record<string, unknown> }>('POST', 'clock', {
    policy: { pendingToStarting: 'manual' },
  })
  expect(set.body.policy['pendingToStarting']).toBe('manual')
  const id = await run()
  const waiting = await call<{ waiting: object[] }>('POST', 'clock', {})
  expect(waiting.body.waiting).toEqual([{ instanceId: id, transition: 'pendingToStarting' }])
  const advanced = await call<{ advanced: number }>('POST', 'clock', { advance: { instanceId: id } })
  expect(advanced.body.advanced).toBe(1)
  expect(emulator.cloud.instances.get(id)!.status).toBe('Running')
  const moved = await call<{ now: string }>('POST', 'clock', { advanceSeconds: 3600 })
  expect(Date.parse(moved.body.now) - Date.now()).toBeGreaterThan(3_590_000)
})

test('a seed adds places and stock; reset goes back to the beginning', async () => {
  const seeded = await call('POST', 'seed', {
    catalogue: { instanceTypes: [{ instanceType: 'ecs.x9.large', vcpus: 1, memoryMiB: 512 }] },
    stock: [{ zoneId: 'cn-hangzhou-g', instanceType: 'ecs.x9.large', available: 1 }],
    behaviour: { agent: 'mute' },
  })
  expect(seeded.status).toBe(200)
  const id = await run({ instanceType: 'ecs.x9.large' })
  await until(() => room.machines.get(id)?.on, 'machine on')
  expect(room.machines.get(id)!.spec.behaviour.agent).toBe('mute')
  expect((await call('POST', 'reset')).status).toBe(200)
  expect(room.machines.get(id)!.on).toBe(false)
  expect(emulator.cloud.instances.size).toBe(0)
  expect(emulator.recorder.calls()).toEqual([])
  await expect(run({ instanceType: 'ecs.x9.large' })).rejects.toMatchObject({
    code: 'InvalidInstanceType.ValueNotSupported',
  })
})

test('bad input is named: where, what, what to do', async () => {
  type Refusal = { error: { code: string; message: string } }
  const cidr = await call<Refusal>('POST', 'seed', {
    catalogue: { vpcs: [{ vpcId: 'v', regionId: 'r', cidr: '10.0.0.0/8' }] },
  })
  expect(cidr.status).toBe(400)
  expect(cidr.body.error.message).toMatch(/seed\.catalogue\.vpcs\.0\.cidr: .*127\.0\.0\.0\/8/)
  expect((await call<Refusal>('POST', 'clock', { policy: { boot: 'later' } })).body.error.message).toMatch(
    /clock\.policy/,
  )
  const typo = { action: 'RunInstance', effect: { type: 'stockOut' } }
  expect((await call<Refusal>('POST', 'faults', typo)).body.error.message).toContain('"RunInstance"')
  const nowhere = { stock: [{ zoneId: 'mars-1a', instanceType: 'ecs.c7.large', available: 1 }] }
  expect((await call<Refusal>('POST', 'seed', nowhere)).body.error.message).toContain('no zone "mars-1a"')
  const unknown = await call<Refusal>('PUT', 'state')
  expect(unknown.status).toBe(404)
  expect(unknown.body.error.message).toContain('GET /_emulator/state')
  const text = await send(emulator, { path: '/_emulator/seed', body: '{' })
  expect(text.status).toBe(400)
  expect(text.body).toContain('not JSON')
})

test('another web site is not answered', async () => {
  const answer = await send(emulator, {
    path: '/_emulator/reset',
    headers: { 'sec-fetch-site': 'cross-site' },
  })
  expect(answer.status).toBe(403)
})

const port = () => Number(new URL(emulator.url).port)

test('a page of another origin is not answered, though its browser says nothing of sites', async () => {
  const reset = (origin: string) => send(emulator, { path: '/_emulator/reset', headers: { origin } })
  for (const origin of ['http://evil.example', 'null', `http://127.0.0.1:${port() + 1}`]) {
    expect((await reset(origin)).status).toBe(403)
  }
  expect((await reset(emulator.url)).status).toBe(200)
})

test('a name that was made to lead here is not answered: DNS rebinding', async () => {
  const ask = (host: string) => send(emulator, { path: '/_emulator/reset', headers: { host } })
  for (const host of ['evil.example', `evil.example:${port()}`, '127.0.0.1.evil.example']) {
    expect((await ask(host)).status).toBe(403)
  }
  for (const host of [`localhost:${port()}`, `127.0.0.1:${port()}`, '[::1]']) {
    expect((await ask(host)).status).toBe(200)
  }
})

test('a browser is led to a page that shows what lives, without trusting any of it', async () => {
  const id = await run({
    instanceName: 'page-host',
    tag: [new Ecs.RunInstancesRequestTag({ key: 'muster:host', value: '<b>demo</b>' })],
  })
  emulator.addFault({ id: 'shown-fault', effect: { type: 'muteAgent' } })
  const led = await fetch(emulator.url, { headers: { accept: 'text/html' } })
  expect(led.url).toBe(emulator.adminUrl)
  const page = await led.text()
  expect(page).toContain(id)
  expect(page).toContain('shown-fault')
  expect(page).toContain('RunInstances')
  expect(page).toContain('&lt;b&gt;demo&lt;/b&gt;')
  expect(page).not.toContain('<b>demo')
})
