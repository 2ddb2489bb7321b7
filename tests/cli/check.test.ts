import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import { openStore } from '../../store/index.ts'
import { sampleRecord } from '../../store/testing/samples.ts'
import { runHere } from './here.ts'
import { createPlace, lastJson, runMuster, startMuster, type Place } from './muster.ts'

interface Checked {
  ok: boolean
  items: { what: string; result: string; detail: string }[]
}

async function startCloud(place: Place): Promise<Emulator> {
  const emulator = await startEmulator({
    stateDir: place.folder,
    agentCommand: ['/bin/false'],
    clockPolicy: 'immediate',
  })
  onTestFinished(() => emulator.close())
  return emulator
}

/** JSON is YAML too. */
function writeConfig(place: Place, config: object): string {
  const file = join(place.folder, 'muster.yaml')
  writeFileSync(file, JSON.stringify(config))
  return file
}

const placement = (letter: string, type = 'ecs.g7.large') => ({
  zone: `cn-hangzhou-${letter}`,
  vSwitch: `vsw-bp1default0000000000${letter}`,
  type,
})

const fleets = (...placements: object[]) => ({
  render: {
    size: 2,
    hosts: { image: 'm-bp1linux0000000000000', placements, securityGroups: ['sg-bp1default00000000000'] },
  },
})

test('a dry run of every placement is sent, and nothing is made', async () => {
  const place = await createPlace()
  const cloud = await startCloud(place)
  const file = writeConfig(place, {
    cloud: { kind: 'emulator', endpoint: cloud.endpoint },
    fleets: fleets(placement('g'), placement('h')),
  })
  const { code, stdout } = await runHere(place, ['check', '--config', file, '--json'])
  expect(code).toBe(0)
  const { ok, items } = lastJson<Checked>(stdout)
  expect(ok).toBe(true)
  expect(items.filter(({ what }) => what.startsWith('fleet '))).toEqual([
    {
      what: 'fleet render: ecs.g7.large in cn-hangzhou-g',
      result: 'ok',
      detail: 'the cloud would launch it',
    },
    {
      what: 'fleet render: ecs.g7.large in cn-hangzhou-h',
      result: 'ok',
      detail: 'the cloud would launch it',
    },
  ])
  expect(cloud.recorder.counts()['RunInstances']).toEqual({ DryRunOperation: 2 })
  expect(cloud.cloud.instances.size).toBe(0)
  // The whole launch was asked for, not a shadow of it.
  const [call] = cloud.recorder.calls()
  expect(call?.parameters).toMatchObject({ DryRun: 'true', ImageId: 'm-bp1linux0000000000000', Amount: '1' })
  expect(call?.parameters['UserData']).toBeTruthy()
  expect(call?.parameters['Tag.1.Key']).toMatch(/^muster:/)
})

test('a placement the cloud refuses is named with its words: exit code 1', async () => {
  const place = await createPlace()
  const cloud = await startCloud(place)
  const wrong = { ...placement('g'), vSwitch: 'vsw-bp1nowhere00000000000' }
  const file = writeConfig(place, {
    cloud: { kind: 'emulator', endpoint: cloud.endpoint },
    fleets: fleets(placement('h'), wrong),
  })
  const { code, stdout } = await runHere(place, ['check', '--config', file, '--json'])
  expect(code).toBe(1)
  const { ok, items } = lastJson<Checked>(stdout)
  expect(ok).toBe(false)
  expect(items.find(({ result }) => result === 'failed')).toEqual({
    what: 'fleet render: ecs.g7.large in cn-hangzhou-g',
    result: 'failed',
    detail: expect.stringMatching(/^RunInstances: .*InvalidVSwitchId/),
    field: 'fleets.render.hosts.placements[1].vSwitch',
  })
})

test('a placement without stock is a warning: Muster would go on to the next', async () => {
  const place = await createPlace()
  const cloud = await startCloud(place)
  cloud.addFault({ action: 'RunInstances', effect: { type: 'error', code: 'OperationDenied.NoStock' } })
  const file = writeConfig(place, {
    cloud: { kind: 'emulator', endpoint: cloud.endpoint },
    fleets: fleets(placement('g')),
  })
  const { code, stdout } = await runHere(place, ['check', '--config', file])
  expect(code).toBe(0)
  expect(stdout).toMatch(/warned +fleet render.*no capacity now: .*NoStock/)
})

test('a warning too names the field, where there is one that people may have got wrong', async () => {
  const place = await createPlace()
  const cloud = await startCloud(place)
  const code = 'InvalidResourceType.NotSupported'
  cloud.addFault({ action: 'RunInstances', effect: { type: 'error', code } })
  const file = writeConfig(place, {
    cloud: { kind: 'emulator', endpoint: cloud.endpoint },
    fleets: fleets(placement('g')),
  })
  const { stdout } = await runHere(place, ['check', '--config', file, '--json'])
  expect(lastJson<Checked>(stdout).items.find(({ result }) => result === 'warned')).toEqual({
    what: 'fleet render: ecs.g7.large in cn-hangzhou-g',
    result: 'warned',
    detail: expect.stringContaining(code),
    field: 'fleets.render.hosts.placements[0].type',
  })
})

test('a cloud that does not answer is told, and so are variables that are missing or too short', async () => {
  const place = await createPlace()
  const file = writeConfig(place, {
    cloud: { kind: 'emulator', endpoint: '127.0.0.1:1' },
    api: {
      keys: [
        { id: 'k1', secretEnv: 'NO_SUCH_KEY' },
        { id: 'k2', secretEnv: 'SHORT_KEY' },
      ],
    },
    fleets: fleets(placement('g')),
  })
  const { code, stdout } = await runHere(place, ['check', '--config', file], {
    env: { SHORT_KEY: 'guess-me' },
  })
  expect(code).toBe(1)
  expect(stdout).toMatch(/failed +variable NO_SUCH_KEY +is not set: secret of enrollment key k1/)
  expect(stdout).toMatch(
    /failed +variable SHORT_KEY +is shorter than 32 characters, .*: secret of enrollment key k2/,
  )
  expect(stdout).toMatch(/failed +fleet render.*no connection to the endpoint/)
})

test('a status page is asked, and what it refuses is named with the field: exit code 1', async () => {
  const place = await createPlace()
  const cloud = await startCloud(place)
  const page = { pageId: 'emulatedpage', apiKeyEnv: 'PAGE_KEY', components: { render: 'emulatedpart' } }
  const check = async (changes: object, env: Record<string, string> = {}, words: string[] = []) => {
    const file = writeConfig(place, {
      cloud: { kind: 'emulator', endpoint: cloud.endpoint },
      fleets: fleets(placement('g')),
      statuspage: { ...page, ...changes },
    })
    const { code, stdout } = await runHere(place, ['check', '--config', file, '--json', ...words], { env })
    const item = lastJson<Checked>(stdout).items.find(({ what }) => what.startsWith('status page '))
    return { code, item, stdout }
  }
  expect(await check({})).toMatchObject({
    code: 0,
    item: { what: 'status page emulatedpage', result: 'ok', detail: 'the page is there, with 1 component' },
  })
  const wrongKey = await check({}, { PAGE_KEY: 'planted-wrong-key' })
  expect(wrongKey).toMatchObject({
    code: 1,
    item: {
      result: 'failed',
      field: 'statuspage.apiKeyEnv',
      detail: expect.stringMatching(/^Statuspage refuses the API key in PAGE_KEY/),
    },
  })
  expect(wrongKey.stdout).not.toContain('planted-wrong-key')
  expect((await check({ pageId: 'nowhere' })).item).toMatchObject({
    result: 'failed',
    field: 'statuspage.pageId',
  })
  expect((await check({ components: { render: 'nowhere' } })).item).toMatchObject({
    result: 'failed',
    field: 'statuspage.components.render',
    detail: expect.stringContaining('has no component nowhere'),
  })
  const away = { endpoint: 'http://127.0.0.1:1/v1' }
  expect(await check(away, { PAGE_KEY: 'x' })).toMatchObject({ code: 0, item: { result: 'warned' } })
  expect((await check({}, {}, ['--offline'])).item).toMatchObject({ result: 'skipped' })
  const unset = await check(away)
  expect([unset.code, unset.stdout]).toEqual([
    1,
    expect.stringContaining('is not set: API key of Statuspage'),
  ])
})

const real = (changes: object = {}) => ({
  controller: 'farm',
  cloud: { kind: 'alibaba', region: 'cn-hangzhou', endpoint: '127.0.0.1:1', ...changes },
  api: {
    listen: '127.0.0.1:0',
    publicUrl: 'https://muster.example.com',
    keys: [{ id: 'k1', secretEnv: 'KEY_ONE' }],
  },
  fleets: fleets(placement('g')),
})
const KEY = { KEY_ONE: 'a-secret-of-this-test-long-enough' }

test('offline, requests for the real cloud are built and signed, and nobody is asked', async () => {
  const place = await createPlace()
  const file = writeConfig(place, real())
  const { code, stdout } = await runHere(place, ['check', '--offline', '--config', file, '--json'], {
    env: KEY,
  })
  expect(code).toBe(0)
  const { items } = lastJson<Checked>(stdout)
  expect(items.find(({ what }) => what === 'endpoint')?.detail).toBe(
    'https://127.0.0.1:1, region cn-hangzhou',
  )
  expect(items.find(({ what }) => what === 'credentials')?.result).toBe('warned')
  expect(items.find(({ what }) => what.startsWith('fleet '))).toEqual({
    what: 'fleet render: ecs.g7.large in cn-hangzhou-g',
    result: 'ok',
    detail: 'built and signed, not sent',
  })
})

test('the Temporal server is that of the environment, as for the processes themselves', async () => {
  const place = await createPlace()
  const file = writeConfig(place, { ...real(), temporal: { address: 'temporal.internal:7233' } })
  const { stdout } = await runHere(place, ['check', '--offline', '--config', file, '--json'], {
    env: { ...KEY, TEMPORAL_ADDRESS: '127.0.0.1:7300' },
  })
  const asked = lastJson<Checked>(stdout).items.filter(({ what }) => what.startsWith('Temporal at '))
  expect(asked.map(({ what }) => what)).toEqual(['Temporal at 127.0.0.1:7300'])
})

test('a key that hosts were launched with and that the config does not name is told: exit code 1', async () => {
  const place = await createPlace()
  const cloud = await startCloud(place)
  const storeFile = join(place.folder, 'farm.db')
  const check = async (...ids: string[]) => {
    const file = writeConfig(place, {
      cloud: { kind: 'emulator', endpoint: cloud.endpoint },
      store: { sqlite: storeFile },
      api: { keys: ids.map((id) => ({ id, secretEnv: 'KEY_ONE' })) },
      fleets: fleets(placement('g')),
    })
    const { code, stdout } = await runHere(place, ['check', '--config', file, '--json'], { env: KEY })
    return { code, item: lastJson<Checked>(stdout).items.find(({ what }) => what === 'enrollment keys') }
  }
  expect(await check('k1')).toMatchObject({ code: 0, item: { result: 'skipped' } })
  expect(existsSync(storeFile)).toBe(false)

  const store = await openStore({ file: storeFile })
  onTestFinished(() => store.close())
  for (const slot of [1, 2]) await store.hosts.record(sampleRecord({ slot, keyId: 'k1' }), 1)
  expect(await check('k2')).toMatchObject({
    code: 1,
    item: {
      result: 'failed',
      field: 'api.keys',
      detail: expect.stringMatching(/^2 hosts were launched with enrollment key k1, .*Put it back/),
    },
  })
})

test('tokens that could be read on the way are warned of, in plain HTTP to the real cloud alone', async () => {
  const place = await createPlace()
  const check = async (publicUrl: string) => {
    const { api, ...rest } = real()
    const file = writeConfig(place, { ...rest, api: { ...api, publicUrl } })
    const { stdout } = await runHere(place, ['check', '--offline', '--config', file, '--json'], {
      env: KEY,
    })
    return lastJson<Checked>(stdout).items.find(({ what }) => what === 'api.publicUrl')
  }
  expect(await check('http://10.0.0.7:8100')).toMatchObject({
    result: 'warned',
    detail: expect.stringContaining('tokens can be read on the way'),
  })
  expect(await check('https://muster.example.com')).toBeUndefined()
})

test('Temporal in plain text is warned of, by check and at the start, for the real cloud beyond this machine alone', async () => {
  const place = await createPlace()
  // Of the documentation's net (RFC 5737): nobody is there.
  const away = '192.0.2.7:7233'
  const write = (temporal: object, cloud: object = {}) =>
    writeConfig(place, { ...real(cloud), temporal, store: { sqlite: 'farm.db' } })
  const check = async (...config: Parameters<typeof write>) => {
    const words = ['check', '--offline', '--config', write(...config), '--json']
    const { stdout } = await runHere(place, words, { env: KEY })
    return lastJson<Checked>(stdout).items.find(({ what }) => what === 'temporal.tls')
  }
  const words = `Temporal at ${away} is reached in plain text, and whoever is on the way can command the fleets`
  expect(await check({ address: away })).toMatchObject({
    result: 'warned',
    detail: expect.stringContaining(words),
  })
  expect(await check({ address: away, tls: true })).toBeUndefined()
  expect(await check({ address: '127.0.0.1:7233' })).toBeUndefined()
  expect(await check({ address: away }, { kind: 'emulator' })).toBeUndefined()

  const file = write({ address: away })
  for (const command of ['worker', 'api']) {
    const started = startMuster(place, [command, '--config', file], { env: KEY })
    await waitFor(`${command} to warn`, () => started.stderr.some((line) => line.includes(words)))
    await started.end('SIGKILL')
  }
})

test('without credentials every source that was tried is named, and dev starts nothing', async () => {
  const place = await createPlace()
  const file = writeConfig(place, real())
  const check = await runHere(place, ['check', '--config', file], { env: KEY })
  expect(check.code).toBe(1)
  for (const source of [
    'environment (not set: ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET)',
    'OIDC role (not set: ',
    '.aliyun/config.json (not there)',
    '.alibabacloud/credentials (not there)',
    'RAM role of this ECS instance (disabled)',
    'credentials URI (not set: ALIBABA_CLOUD_CREDENTIALS_URI)',
  ]) {
    expect(check.stdout).toContain(source)
  }
  expect(check.stdout).not.toContain('the cloud would')
  const dev = await runMuster(place, ['dev', '--config', file, '--state', 'state'], { env: KEY })
  expect(dev.code).toBe(1)
  expect(dev.stderr).toMatch(
    /^muster: nothing was started, because this is wrong:\n {2}credentials: no access key/,
  )
  expect(existsSync(join(place.folder, 'state'))).toBe(false)
})

test('with credentials the real cloud’s endpoint is asked before anything starts', async () => {
  const place = await createPlace()
  const file = writeConfig(place, real())
  // As the aliyun command keeps them.
  mkdirSync(join(place.folder, '.aliyun'))
  const profile = {
    mode: 'AK',
    name: 'default',
    access_key_id: 'LTAI5tProfileOfTest',
    access_key_secret: 'secret-9',
  }
  writeFileSync(
    join(place.folder, '.aliyun', 'config.json'),
    JSON.stringify({ current: 'default', profiles: [profile] }),
  )
  const { code, stderr } = await runMuster(place, ['dev', '--config', file, '--state', 'state', '--json'], {
    env: KEY,
  })
  expect(code).toBe(1)
  expect(stderr).toContain(
    'fleet render: ecs.g7.large in cn-hangzhou-g: RunInstances: no connection to the endpoint',
  )
  expect(stderr).not.toContain('secret-9')
  expect(existsSync(join(place.folder, 'state'))).toBe(false)
})
