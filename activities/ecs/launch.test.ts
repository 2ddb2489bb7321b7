import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { findEnrollment } from '../../agent/enrollment.ts'
import { verifyEnrollment } from '../../domain/enrollment/token.ts'
import { isTaggedFor } from '../../domain/tags.ts'
import type { FaultInput } from '../../emulator/index.ts'
import { tokenCrypto } from '../../store/token-crypto.ts'
import { createLaunchActivities } from '../index.ts'
import {
  breakable,
  failedTry,
  historyText,
  keyOf,
  launchInput,
  openSetting,
  OWNER,
  recordOf,
  run,
  SECRET,
  SPEC,
  untilDone,
  workerLog,
} from '../testing/setting.ts'
import type { Setting } from '../testing/setting.ts'

const launch = (setting: Setting, input = launchInput(), info = {}) =>
  run(setting.activities.launchInstance, input, info).then(({ answer }) => answer)
const onRun = (effect: FaultInput['effect'], count = 1): FaultInput => ({
  action: 'RunInstances',
  count,
  effect,
})
const live = ({ emulator }: Setting) => emulator.cloud.instances.newestFirst()

describe('a launch', () => {
  test('makes one instance that says whose it is', async () => {
    const setting = await openSetting()
    const answer = await launch(setting)
    expect(answer).toEqual({
      outcome: 'launched',
      instanceId: expect.stringMatching(/^i-bp1/),
      requestId: expect.any(String),
    })
    const [instance] = live(setting)
    expect(instance?.name).toBe('render-00001-1')
    expect(instance?.hostName).toBe('render-00001')
    expect(isTaggedFor({ ...instance?.tags }, OWNER, keyOf())).toBe(true)
    expect(instance?.tags['team']).toBe('lighting')
    expect(instance?.autoReleaseAtMs).toBe(Math.ceil(launchInput().autoReleaseAt / 60_000) * 60_000)
    expect(await setting.store.hosts.get('render/00001')).toMatchObject({ instanceId: instance?.instanceId })
  })

  test('carries an enrollment the agent can read and the API can verify', async () => {
    const setting = await openSetting()
    await launch(setting)
    const call = setting.emulator.recorder.calls().at(-1)
    const enrollment = findEnrollment(Buffer.from(call?.parameters['UserData'] ?? '', 'base64').toString())
    expect(enrollment).toMatchObject({ apiUrl: 'https://muster.example', host: 'render/00001', attempt: 1 })
    const claims = verifyEnrollment(enrollment?.token ?? '', () => SECRET, tokenCrypto)
    expect(claims).toEqual({ ...keyOf(), controller: 'studio', expiresAt: launchInput().tokenExpiresAt })
    expect(call?.parameters['ClientToken']).toBe(
      createHash('sha256').update(`studio|${OWNER.namespaceId}|render/00001|a1b2c3d4e5|1|1`).digest('hex'),
    )
  })

  test('asked again, by another worker with other settings too, is the same instance', async () => {
    const setting = await openSetting()
    const first = await launch(setting)
    const other = createLaunchActivities({
      ...setting.deps,
      cloudGridMs: 7,
      clock: () => Date.now() + 5_000_000,
    })
    const { answer } = await run(other.launchInstance, launchInput(), { attempt: 2 })
    expect(answer).toMatchObject({ instanceId: first.outcome === 'launched' ? first.instanceId : '' })
    expect(live(setting)).toHaveLength(1)
  })

  test.each<[string, FaultInput['effect']]>([
    ['is reset after the work was done', { type: 'resetAfter' }],
    ['is reset before it was done', { type: 'resetBefore' }],
    ['is never answered though the work was done', { type: 'hang', when: 'after' }],
    ['is answered with HTML', { type: 'htmlBody', status: 502 }],
    ['fails inside the cloud', { type: 'error', code: 'InternalError' }],
    ['is throttled', { type: 'throttle', retryAfterMs: 50 }],
  ])('that %s is tried again with the same token and makes one instance', async (_name, effect) => {
    const setting = await openSetting()
    setting.fault(onRun(effect))
    const { answer, tries } = await untilDone(setting.activities.launchInstance, launchInput())
    expect(answer).toMatchObject({ outcome: 'launched', instanceId: live(setting)[0]?.instanceId })
    expect(tries).toBe(2)
    expect(live(setting)).toHaveLength(1)
    const tokens = setting.emulator.recorder.calls().map(({ parameters }) => parameters['ClientToken'])
    expect(new Set(tokens).size).toBe(1)
  })

  test('whose record cannot be written is tried again and finds the same instance', async () => {
    const setting = await openSetting()
    let broken = true
    const { launchInstance } = createLaunchActivities({
      ...setting.deps,
      store: breakable(setting.store, () => broken),
    })
    await expect(run(launchInstance, launchInput())).rejects.toThrow('disk full')
    broken = false
    const { answer } = await run(launchInstance, launchInput(), { attempt: 2 })
    expect(answer.outcome).toBe('launched')
    expect(live(setting)).toHaveLength(1)
  })
})

describe('a refusal', () => {
  test('for want of stock leaves a note, and the next plan goes elsewhere', async () => {
    const setting = await openSetting()
    setting.fault({ ...onRun({ type: 'stockOut' }), match: { zoneId: 'cn-hangzhou-g' } })
    const answer = await launch(setting)
    expect(answer).toMatchObject({ outcome: 'refused', kind: 'capacity', code: 'OperationDenied.NoStock' })
    expect(await setting.store.capacity.active('cn-hangzhou', setting.deps.clock())).toMatchObject([
      { zone: 'cn-hangzhou-g', instanceType: 'ecs.c7.large', spot: false, code: 'OperationDenied.NoStock' },
    ])
    const plan = await setting.activities.planLaunch({
      key: keyOf(),
      launch: 2,
      spec: SPEC,
      record: recordOf(keyOf()),
    })
    expect(plan).toMatchObject({ outcome: 'placed', placement: { zone: 'cn-hangzhou-h' } })
  })

  test.each([
    ['InvalidSpotPriceLimit.LowerThanPublicPrice', 'capacity'],
    ['QuotaExceed.ElasticQuota', 'capacity'],
    ['InvalidAccountStatus.NotEnoughBalance', 'account'],
    ['Forbidden.RAM', 'account'],
    ['InvalidImageId.NotFound', 'request'],
    ['InvalidVSwitchId.NotFound', 'request'],
  ])('%s is the answer, of kind %s', async (code, kind) => {
    const setting = await openSetting()
    setting.fault(onRun({ type: 'error', code }))
    expect(await launch(setting)).toMatchObject({
      outcome: 'refused',
      kind,
      code,
      requestId: expect.any(String),
    })
    const notes = await setting.store.capacity.active('cn-hangzhou', setting.deps.clock())
    expect(notes).toHaveLength(kind === 'capacity' ? 1 : 0)
  })

  test('because of its place says that a person must act only where no place is left', async () => {
    const setting = await openSetting()
    setting.fault(onRun({ type: 'error', code: 'InvalidVSwitchId.NotFound' }, 2))
    const row = () => setting.store.hosts.get(keyOf().host)
    await launch(setting)
    expect(await row()).not.toMatchObject({ phase: 'waiting' })
    const [, other] = SPEC.placements
    await launch(setting, launchInput(keyOf(), { launch: 2, ...(other && { refusedAt: [other] }) }))
    expect(await row()).toMatchObject({
      phase: 'waiting',
      reason: expect.stringContaining('a person must act'),
    })
  })

  test('because the token is known with other parameters is unclear', async () => {
    const setting = await openSetting()
    await launch(setting)
    const changed = launchInput(keyOf(), {
      spec: { ...SPEC, imageId: 'm-bp1linux0000000000000', tags: { team: 'sound' } },
    })
    expect(await launch(setting, changed, { attempt: 2 })).toMatchObject({
      outcome: 'unclear',
      code: 'IdempotentParameterMismatch',
    })
    expect(live(setting)).toHaveLength(1)
  })

  test('of our own for want of the key is unclear, and asks the cloud nothing', async () => {
    const setting = await openSetting()
    const input = launchInput(keyOf(), { api: { url: 'https://muster.example', keyId: 'k0' } })
    expect(await launch(setting, input)).toMatchObject({ outcome: 'unclear', code: 'EnrollmentKeyMissing' })
    expect(setting.calls('RunInstances')).toBe(0)
  })

  test('after a try without an answer is unclear: that one may have been obeyed', async () => {
    const setting = await openSetting()
    setting.fault(onRun({ type: 'resetAfter' }))
    setting.fault(onRun({ type: 'error', code: 'Forbidden.RAM' }))
    const { answer } = await untilDone(setting.activities.launchInstance, launchInput())
    expect(answer).toMatchObject({ outcome: 'unclear', code: 'Forbidden.RAM' })
    expect(live(setting)).toHaveLength(1)
  })

  test('after a try whose worker died is unclear', async () => {
    const setting = await openSetting()
    setting.fault(onRun({ type: 'error', code: 'Forbidden.RAM' }))
    expect(await launch(setting, launchInput(), { attempt: 2 })).toMatchObject({ outcome: 'unclear' })
  })

  test('after throttled tries is definite: the cloud did not look at those', async () => {
    const setting = await openSetting()
    setting.fault(onRun({ type: 'throttle', retryAfterMs: 10 }))
    setting.fault(onRun({ type: 'stockOut' }))
    const { answer } = await untilDone(setting.activities.launchInstance, launchInput())
    expect(answer).toMatchObject({ outcome: 'refused', kind: 'capacity' })
  })
})

test('a throttled launch is expected and waits for the next minute', async () => {
  const setting = await openSetting()
  setting.fault(onRun({ type: 'throttle' }))
  const { failure } = await failedTry(setting.activities.launchInstance, launchInput())
  const untilMinute = 60_000 - (Date.now() % 60_000)
  expect(failure).toMatchObject({ type: 'Throttling.User', category: 'BENIGN', nonRetryable: false })
  expect(Number(failure.nextRetryDelay)).toBeGreaterThan(untilMinute - 2_000)
  expect(Number(failure.nextRetryDelay)).toBeLessThan(untilMinute + 21_000)
})

test('tries that are refused tell people so once a code, not each', async () => {
  const setting = await openSetting()
  const { store } = setting
  const told: string[] = []
  const record: typeof store.hosts.record = async (row, now) => {
    told.push(row.reason)
    await store.hosts.record(row, now)
  }
  const { launchInstance } = createLaunchActivities({
    ...setting.deps,
    store: { ...store, hosts: { ...store.hosts, record } },
  })
  setting.fault(onRun({ type: 'throttle', retryAfterMs: 10 }, 3))
  setting.fault(onRun({ type: 'error', code: 'InternalError' }, 2))
  const { tries } = await untilDone(launchInstance, launchInput())
  expect(tries).toBeGreaterThanOrEqual(6)
  expect(told).toEqual([
    'the last try was refused (Throttling.User); the same is asked again',
    expect.stringMatching(/\(InternalError\); the same is asked again$/),
    '',
  ])
})

test('a store that does not take why a launch is tried again changes nothing of when it is', async () => {
  const setting = await openSetting()
  const store = breakable(setting.store, () => true)
  const { launchInstance } = createLaunchActivities({ ...setting.deps, store })
  setting.fault(onRun({ type: 'throttle' }))
  const { failure } = await failedTry(launchInstance, launchInput())
  expect(failure).toMatchObject({ type: 'Throttling.User', category: 'BENIGN' })
  expect(Number(failure.nextRetryDelay), 'the next minute, not the second of a failed write').toBeGreaterThan(
    0,
  )
  expect(setting.log.join()).toContain('the store did not take why a launch is tried again')
})

test('a throttled minute makes no storm: launches that come in it are not sent', async () => {
  const setting = await openSetting()
  setting.fault({ action: 'RunInstances', effect: { type: 'throttle' } })
  await failedTry(setting.activities.launchInstance, launchInput())
  const slots = Array.from({ length: 40 }, (_, index) => keyOf(index + 1))
  const failures = await Promise.all(
    slots.map((key) => failedTry(setting.activities.launchInstance, launchInput(key), { attempt: 2 })),
  )
  expect(failures.every(({ failure }) => failure.type === 'Throttling.User')).toBe(true)
  // Two, should the minute have turned in the middle of it.
  expect(setting.calls('RunInstances')).toBeLessThanOrEqual(1 + (Date.now() % 60_000 < 2_000 ? 40 : 0))
})

test.each<[string, FaultInput['effect']]>([
  [
    'refused with the user data quoted',
    { type: 'error', code: 'InternalError', message: `UserData=${SECRET} is not valid` },
  ],
  ['hanging', { type: 'hang' }],
  ['reset', { type: 'resetBefore' }],
  ['answered with HTML', { type: 'htmlBody', status: 502 }],
])('a launch %s leaves token and key out of failure, log and store', async (_name, effect) => {
  const setting = await openSetting()
  setting.fault(onRun(effect))
  const { failure } = await failedTry(setting.activities.launchInstance, launchInput())
  const call = setting.emulator.recorder.calls().at(-1)?.parameters ?? {}
  const userData = call['UserData'] ?? ''
  const token = findEnrollment(Buffer.from(userData, 'base64').toString())?.token ?? ''
  expect(token.length).toBeGreaterThan(50)
  const rows = [await setting.store.hosts.get('render/00001'), await setting.store.journal.list({})]
  const text = [historyText(failure), ...setting.log, ...workerLog, JSON.stringify(rows)].join('\n')
  for (const secret of [
    token,
    token.split('.')[3] ?? '',
    userData.slice(0, 40),
    setting.emulator.credentials.accessKeySecret,
  ]) {
    expect(text).not.toContain(secret)
  }
  expect(text).not.toContain(SECRET)
  expect(text).not.toMatch(/UserData=(?!\[cut\])/)
})
