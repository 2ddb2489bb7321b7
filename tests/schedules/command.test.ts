import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Applied } from '../../cli/apply/print-applied.ts'
import type { ScheduleList, ScheduleView } from '../../cli/client/answers.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { fleetWorkflowId } from '../../domain/ids.ts'
import { FLEET_QUERIES } from '../../domain/messages.ts'
import { openStore } from '../../store/index.ts'
import { sampleRecord } from '../../store/testing/samples.ts'
import { logIn } from '../support/log-in.ts'
import { askHere, runHere } from '../cli/here.ts'
import { createPlace, lastJson, type Place } from '../cli/muster.ts'
import { CONTROLLER, OPERATOR_TOKEN } from '../support/names.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev' })
})
afterAll(() => world?.close())

/** Apply needs to know that there is one; workers sign with theirs. */
const KEY = { FARM_KEY: 'a-key-that-apply-only-wants-to-see' }

interface Changes {
  fleet: string
  size: number
  /** What the placement says otherwise. */
  placement?: { zone?: string; vSwitch?: string; type?: string }
  image?: string
  schedules?: Record<string, unknown>
  /** Of the fleet, besides its hosts. */
  policy?: Record<string, unknown>
  tags?: Record<string, string>
}

/** JSON is YAML too. */
function writeConfig(
  place: Place,
  { fleet, size, placement, image, schedules = {}, policy = {}, tags = {} }: Changes,
): string {
  const file = join(place.folder, 'farm.yaml')
  const right = { zone: 'cn-hangzhou-g', vSwitch: 'vsw-bp1default0000000000g', type: 'ecs.g7.large' }
  const config = {
    controller: CONTROLLER,
    temporal: { address: world.temporal.address, namespace: world.temporal.namespace },
    cloud: { kind: 'emulator', endpoint: world.emulator.endpoint },
    store: { sqlite: join(place.folder, 'farm.db') },
    api: { publicUrl: world.api.url, keys: [{ id: 'k1', secretEnv: 'FARM_KEY' }] },
    timezone: 'Asia/Shanghai',
    fleets: {
      [fleet]: {
        size,
        ...policy,
        hosts: {
          tags,
          image: image ?? 'm-bp1linux0000000000000',
          placements: [{ ...right, ...placement }],
          securityGroups: ['sg-bp1default00000000000'],
        },
      },
    },
    schedules,
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}

const scale = (fleet: string, size: number) => ({ scale: { fleet, size } })
const env = () => ({
  ...KEY,
  MUSTER_API_URL: world.api.url,
  MUSTER_API_TOKEN: OPERATOR_TOKEN,
  ALIBABA_CLOUD_ACCESS_KEY_ID: world.emulator.credentials.accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: world.emulator.credentials.accessKeySecret,
})

test('apply asks before it deletes schedules or shrinks a fleet by much, warns of fights, and shows what will be', async () => {
  const place = await createPlace()
  onTestFinished(async () => {
    await world.client.workflow.getHandle(fleetWorkflowId('asked')).terminate('the test has ended')
  })
  const config = (size: number, schedules: Record<string, unknown>) =>
    writeConfig(place, { fleet: 'asked', size, schedules })
  const apply = (file: string, ...more: string[]) =>
    runHere(place, ['apply', '--config', file, ...more], { env: env() })
  const schedules = {
    'x-evening': { cron: '0 0 20 * * *', do: scale('asked', 4) },
    'x-night': { cron: '30 0 20 * * *', do: scale('asked', 0), paused: true },
  }

  const dry = await apply(config(4, schedules), '--dry-run')
  expect(dry.stderr).toBe('')
  expect(dry.stdout.split('\n')).toEqual([
    '+ fleet asked: would be started with 4 hosts',
    '+ schedule sweep-orphans: would be created; @every 10m UTC: sweep for instances that nobody owns',
    '+ schedule x-evening: would be created; 0 0 20 * * * Asia/Shanghai: scale fleet asked to 4 hosts',
    '+ schedule x-night: would be created; 30 0 20 * * * Asia/Shanghai: scale fleet asked to 0 hosts',
    'nothing was changed: this was a dry run',
  ])
  const first = await apply(config(4, schedules), '--json')
  expect(lastJson<Applied>(first.stdout)).toMatchObject({
    ok: true,
    schedules: Array.from({ length: 3 }, () => ({ outcome: 'created' })),
    warnings: [],
  })
  await waitFor('the server to list them', async () => {
    const { schedules: listed } = await askHere<ScheduleList>(place, ['schedules'], { env: env() })
    return listed.length === 3
  })

  const fighting = { ...schedules, 'x-night': { ...schedules['x-night'], paused: false, jitter: '5s' } }
  const preview = await apply(config(4, fighting), '--dry-run')
  expect(preview.stdout.split('\n')).toEqual([
    '  fleet asked: as it should be; 4 hosts wanted',
    '  schedule sweep-orphans: as it should be',
    '  schedule x-evening: as it should be',
    '~ schedule x-night: would be changed; 30 0 20 * * * Asia/Shanghai: scale fleet asked to 0 hosts',
    '    jitter: 0s → 5s',
    '    paused: true → false',
    expect.stringMatching(/^warning {2}x-evening scales fleet asked to 4 at /),
    'nothing was changed: this was a dry run',
  ])
  const night = await askHere<ScheduleView>(place, ['schedules', 'show', 'x-night'], { env: env() })
  expect(night).toMatchObject({ paused: true })
  const second = await apply(config(4, fighting))
  expect(second.stdout).toContain('~ schedule x-night: changed; 30 0 20 * * *')
  expect(second.stdout).toContain('    jitter: 0s → 5s')
  expect(second.stdout).toContain('    paused: true → false')
  expect(second.stdout).toMatch(
    /warning {2}x-evening scales fleet asked to 4 at .*, and x-night to 0 only 30 s later/,
  )
  const checked = await runHere(place, ['check', '--config', config(4, fighting)], { env: env() })
  expect(checked.stdout).toMatch(/warned +schedules x-evening and x-night/)

  const dropped = { 'x-evening': schedules['x-evening'] }
  const asking = await apply(config(3, dropped), '--size', '--dry-run')
  expect(asking.stdout.split('\n')).toEqual([
    '~ fleet asked: would be changed; 3 hosts wanted',
    '  schedule sweep-orphans: as it should be',
    '  schedule x-evening: as it should be',
    '- schedule x-night: would be deleted',
    expect.stringMatching(/^warning {2}fleet asked has the size 3 of the config until schedule x-evening/),
    'asks first  fleet asked would retire 1 of its 4 hosts (25 %)',
    'asks first  schedule x-night would be deleted',
    'nothing was changed: this was a dry run',
  ])
  const refused = await apply(config(3, dropped), '--size')
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr.split('\n')).toEqual([
    'muster: nothing was changed, because nobody has agreed to this:',
    '  fleet asked would retire 1 of its 4 hosts (25 %)',
    '  schedule x-night would be deleted',
    'say --yes when it is meant so',
  ])
  const agreed = await apply(config(3, dropped), '--size', '--yes')
  expect(agreed.stdout).toContain('- schedule x-night: deleted')
  expect(agreed.stdout).toContain('~ fleet asked: changed; 3 hosts wanted')
  for (const more of [['--dry-run'], []]) {
    const { code, stdout } = await apply(config(3, dropped), ...more)
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual([
      '  fleet asked: as it should be; 3 hosts wanted',
      '  schedule sweep-orphans: as it should be',
      '  schedule x-evening: as it should be',
      'nothing to do',
    ])
  }
  // A size of the config holds until a schedule has another one.
  const sized = await apply(config(2, dropped), '--size', '--dry-run')
  expect(sized.stdout).toMatch(
    /warning {2}fleet asked has the size 2 of the config until schedule x-evening scales it to 4 at \S+T12:00:00Z/,
  )
})

test.each<[string, Pick<Changes, 'placement' | 'image'>, string, string]>([
  ['zone', { placement: { zone: 'cn-hangzhou-q' } }, 'placements[0].zone', 'InvalidZoneId.NotFound'],
  ['image', { image: 'm-bp1nowhere00000000000' }, 'image', 'InvalidImageId.NotFound'],
  [
    'type',
    { placement: { type: 'ecs.none.large' } },
    'placements[0].type',
    'InvalidInstanceType.ValueNotSupported',
  ],
  [
    'vSwitch',
    { placement: { vSwitch: 'vsw-bp1nowhere00000000000' } },
    'placements[0].vSwitch',
    'InvalidVSwitchId.NotFound',
  ],
  [
    'vSwitch of another zone',
    { placement: { vSwitch: 'vsw-bp1default0000000000h' } },
    'placements[0].vSwitch',
    'InvalidParameter.Mismatch',
  ],
])(
  'apply changes nothing when the cloud would refuse a launch for its %s, and names the field',
  async (_what, changes, field, code) => {
    const place = await createPlace()
    const file = writeConfig(place, {
      ...changes,
      fleet: 'refused',
      size: 1,
      schedules: { 'y-one': { cron: '@daily', do: scale('refused', 1) } },
    })
    const { code: exit, stderr } = await runHere(place, ['apply', '--config', file], { env: env() })
    expect(exit).toBe(1)
    expect(stderr).toContain('nothing was changed')
    const line = stderr.split('\n').find((text) => text.startsWith('  fleets.'))
    expect(line).toContain(`  fleets.refused.hosts.${field} (fleet refused: `)
    expect(line).toContain(code)
    await expect(world.client.workflow.getHandle(fleetWorkflowId('refused')).describe()).rejects.toThrow()
    const shown = await runHere(place, ['schedules', 'show', 'y-one'], { env: env() })
    expect(shown).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no schedule y-one') })
  },
)

test('apply asks before many hosts are away, due or dropped at once', async () => {
  const place = await createPlace()
  const apply = async (changes: Omit<Changes, 'size'>, ...more: string[]) =>
    await runHere(place, ['apply', '--config', writeConfig(place, { size: 5, ...changes }), ...more], {
      env: env(),
    })
  // Schedules of other tests go with it.
  const started = await apply({ fleet: 'rolled', policy: { rollout: { onApply: 'roll' } } }, '--yes')
  expect(started).toMatchObject({ code: 0, stderr: '' })
  expect(started.stdout).toContain('+ fleet rolled: started with 5 hosts')
  const fleet = world.client.workflow.getHandle(fleetWorkflowId('rolled'))
  onTestFinished(async () => {
    await fleet.terminate('the test has ended')
  })
  // The workers of this world keep another store than the one that apply reads.
  const store = await openStore({ file: join(place.folder, 'farm.db') })
  onTestFinished(() => store.close())
  const old = Date.now() - 10 * 24 * 3_600_000
  for (const slot of [1, 2, 3, 4, 5]) {
    const record = sampleRecord({
      host: `rolled/0000${slot}`,
      fleet: 'rolled',
      slot,
      phase: 'ready',
      readyAt: old,
    })
    await store.hosts.record(record, Date.now())
  }
  const row = { paused: false, specHash: 'a', slots: [], seq: 1, note: '', updatedAt: Date.now() }
  await store.fleets.record({ ...row, name: 'rolled', desired: 5 })

  const hasty = { rollout: { onApply: 'roll', maxUnavailable: 3 }, maxLifetime: '7d' }
  const refused = await apply({ fleet: 'rolled', policy: hasty, tags: { release: 'next' } })
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr.split('\n')).toEqual([
    'muster: nothing was changed, because nobody has agreed to this:',
    '  fleet rolled would be rolled to another spec with up to 3 of its 5 ready hosts away at once (60 %), as its maxUnavailable of 3 allows',
    '  fleet rolled would find 5 of its 5 ready hosts (100 %) older than its maximum lifetime of 168:00:00 at once: they would be replaced in turn, at most 4 at a time',
    'say --yes when it is meant so',
  ])

  const kept = await apply({ fleet: 'other' })
  expect(kept.stdout).toContain(
    '  fleet rolled: not in the config, goes on as it is; --prune retires its hosts',
  )
  const dropped = await apply({ fleet: 'other' }, '--prune')
  expect(dropped.stderr).toContain(
    '  fleet rolled is not in the config: all of its 5 hosts would be retired (100 %)\nsay --yes',
  )
  const agreed = await apply({ fleet: 'other' }, '--prune', '--yes')
  expect(agreed.stdout).toContain('- fleet rolled: not in the config, its 5 hosts are retired')
  const { desired } = await fleet.query<{ desired: number }>(FLEET_QUERIES.state)
  expect(desired).toBe(0)
  await world.client.workflow.getHandle(fleetWorkflowId('other')).terminate('the test has ended')
}, 120_000)

test('schedules are listed, paused, resumed, triggered and backfilled from the command line', async () => {
  const place = await createPlace()
  const muster = async (...args: string[]) =>
    (await runHere(place, ['schedules', ...args], { env: env() })).stdout
  const file = writeConfig(place, {
    fleet: 'told',
    size: 0,
    schedules: { 'x-evening': { cron: '0 0 20 * * MON-FRI', note: 'the shift', do: scale('told', 0) } },
  })
  expect((await runHere(place, ['apply', '--yes', '--config', file], { env: env() })).code).toBe(0)
  expect(await muster('pause', 'x-evening', '--why', 'holiday')).toBe('x-evening: paused')
  const listed = await waitFor('the list to have it', async () => {
    const text = await muster()
    return text.includes('told') && text
  })
  expect(listed).toMatch(/does +scale fleet told to 0 hosts/)
  expect(listed).toMatch(/cron +0 0 20 \* \* MON-FRI {2}Asia\/Shanghai/)
  expect(listed).toMatch(/in words +on Monday to Friday at 20:00:00 Asia\/Shanghai/)
  expect(listed).toMatch(/state +paused by dev: holiday/)
  expect(await muster('show', 'x-evening')).toMatch(/state +paused by dev: holiday/)
  expect(listed.match(/(Mon|Tue|Wed|Thu|Fri) \d{4}-\d\d-\d\d 20:00:00/g)).toHaveLength(5)
  expect(await muster('resume', 'x-evening')).toBe('x-evening: resumed')
  expect(await muster('trigger', 'x-evening')).toBe('x-evening: triggered')
  const span = ['--from', '2026-11-02T12:00:00Z', '--to', '2026-11-06T12:00:00Z']
  expect(await muster('backfill', 'x-evening', ...span)).toContain('5 firings')
  const { runs } = await waitFor('all runs to be done', async () => {
    const shown = await askHere<ScheduleView>(place, ['schedules', 'show', 'x-evening'], { env: env() })
    return shown.runs.length === 6 && shown.runs.every(({ outcome }) => outcome === 'ok') && shown
  })
  expect(runs.map(({ dueAt }) => dueAt)).toContain('2026-11-02T12:00:00.000Z')
  expect(runs.map(({ dueAt }) => dueAt)).toContain('2026-11-06T12:00:00.000Z')
  expect(await muster('show', 'x-evening')).toContain('ok       fleet told is to have 0 hosts')
  // The list has the last three, newest first, below each other, and why one was not done.
  expect(await lastRunsOf(muster, 3)).toEqual(
    Array.from({ length: 3 }, () =>
      expect.stringMatching(/^\w{3} [\d-]{10} [\d:]{8} {2}ok {2}fleet told is/),
    ),
  )
  await world.client.workflow.getHandle(fleetWorkflowId('told')).terminate('the test has ended')
  await muster('trigger', 'x-evening')
  const [failed, ...before] = await waitFor('the list to tell of the failure', async () => {
    const lines = await lastRunsOf(muster, 3)
    return lines[0]?.includes('failed') && lines
  })
  expect(failed).toMatch(/ {2}failed {2}fleet told does not run: apply the config that has it/)
  expect(before).toHaveLength(2)
  const { schedules } = await askHere<ScheduleList>(place, ['schedules'], { env: env() })
  expect(schedules.find(({ name }) => name === 'x-evening')?.runs.map(({ outcome }) => outcome)).toEqual([
    'failed',
    'ok',
    'ok',
  ])
  const headers = { cookie: await logIn(world.api.url, OPERATOR_TOKEN) }
  const page = await (await fetch(`${world.api.url}/schedules`, { headers })).text()
  expect(page).toContain('fleet told does not run')
  expect(page.split('fleet told is to have 0 hosts')).toHaveLength(3)
})

/** The lines of the list below the last runs of x-evening, without what stands before them. */
async function lastRunsOf(muster: (...args: string[]) => Promise<string>, count: number): Promise<string[]> {
  const blocks = (await muster()).split('\n\n')
  const lines = blocks.find((block) => block.includes('x-evening'))?.split('\n') ?? []
  const first = lines.findIndex((line) => line.startsWith('last runs'))
  return lines.slice(first, first + count).map((line) => line.replace(/^last runs/, '').trim())
}

test('a crontab becomes a section that apply takes; what cannot be taken is told', async () => {
  const place = await createPlace()
  const crontab = join(place.folder, 'crontab')
  writeFileSync(
    crontab,
    'TZ=Asia/Tokyo\n0 30 20 * * * /opt/up.sh\n0 61 * * * * /opt/up.sh\n@daily /opt/other\n',
  )
  const args = ['schedules', 'import', crontab, '--map', '*up.sh=scale:told:2']
  const { code, stdout, stderr } = await runHere(place, args)
  expect(code).toBe(1)
  expect(stderr.split('\n')).toEqual([
    expect.stringMatching(/^line 1: TZ=Asia\/Tokyo: taken as the time zone of the lines below/),
    expect.stringMatching(/^line 3: 0 61 .*: the minute field '61'/),
    `line 4: @daily: what does "/opt/other" stand for? Say it with --map '/opt/other=…'`,
    '1 line taken, 2 left out',
  ])
  const tidy = join(place.folder, 'tidy')
  writeFileSync(tidy, 'SHELL=/bin/sh\nMAILTO=""\n\n30 20 * * 1-5 root /opt/up.sh\n')
  const whole = await runHere(place, ['schedules', 'import', tidy, '--user-column', ...args.slice(3)])
  expect(whole.code).toBe(0)
  expect(whole.stderr.split('\n')).toEqual([
    'line 1: SHELL=/bin/sh: schedules have no environment: SHELL is left out',
    'line 2: MAILTO="": schedules have no environment: MAILTO is left out',
    '1 line taken, 0 left out',
  ])
  expect(await runHere(place, [...args, '--timezone', 'Asia/Bejing'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("unknown time zone 'Asia/Bejing'"),
  })
  const file = join(place.folder, 'imported.yaml')
  writeFileSync(file, `fleets: { told: { size: 0, hosts: ${HOSTS} } }\n${stdout}\n`)
  const checked = await runHere(place, ['check', '--offline', '--config', file])
  expect(checked.stdout).toMatch(/ok +schedules +2, and none undoes another/)
})

test('a crontab that is no UTF-8 text is refused as a whole, and one with a mark or ends of lines of Windows is read', async () => {
  const place = await createPlace()
  const crontab = join(place.folder, 'crontab')
  const args = ['schedules', 'import', crontab, '--map', '/opt/*=scale:r:2']
  writeFileSync(crontab, Buffer.from('0 0 1 * * * /opt/caf\u00e9\n', 'latin1'))
  expect(await runHere(place, args)).toEqual({
    code: 2,
    stdout: '',
    stderr: `muster: the crontab ${crontab} is no UTF-8 text; if it has another encoding, convert it first: iconv -f LATIN1 -t UTF-8`,
  })
  writeFileSync(crontab, '\uFEFF0 0 1 * * * /opt/caf\u00e9\r\n0 0 2 * * * /opt/up\r\n')
  const { code, stdout, stderr } = await runHere(place, args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '2 lines taken, 0 left out' })
  expect(stdout).toContain('note: "was: /opt/caf\u00e9"')
})

const HOSTS =
  '{ image: m-bp1linux, placements: [{ zone: cn-hangzhou-g, vSwitch: vsw-bp1g, type: ecs.g7.large }], securityGroups: [sg-bp1] }'

test('cron explain prints words, times and notes, and names the field that is wrong', async () => {
  const place = await createPlace()
  const explained = await runHere(place, ['cron', 'explain', '0 0 20 * * 1', '--timezone', 'Asia/Shanghai'])
  expect(explained.stdout).toContain('on Monday at 20:00:00 Asia/Shanghai')
  expect(explained.stdout.match(/Mon \d{4}-\d\d-\d\d 20:00:00 {2}\d{4}-\d\d-\d\dT12:00:00Z/g)).toHaveLength(5)
  const wrong = await runHere(place, ['cron', 'explain', '0 0 25 * * 1'])
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("the hour field '25'") })
})
