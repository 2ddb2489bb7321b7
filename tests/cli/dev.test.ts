import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FleetList, HostPage } from '../../cli/client/answers.ts'
import { waitFor } from '../../cli/wait-for.ts'
import type { SweepReport } from '../../domain/sweep/types.ts'
import { listeningAddresses } from '../support/listening.ts'
import { restartPort } from '../support/restart-port.ts'
import {
  askMuster,
  createPlace,
  getJson,
  lastJson,
  processesIn,
  runMuster,
  startMuster,
  untilNothingRuns,
  type Place,
} from './muster.ts'

interface Up {
  ok: boolean
  links: { api: string; temporal: string; dashboard: string }
  token: string
  pid: number
  state: string
  notices: string[]
  fleets: { fleet: string; outcome: string; size: number; configSize?: number; doubts: string[] }[]
}

const dev = (place: Place, ...more: string[]) =>
  startMuster(place, ['dev', '--json', '--state', 'state', ...more])

/** As if the stack had run there before: whoever tests at the same time may take the usual port while ours is down. */
async function claimApiPort({ folder }: Place): Promise<void> {
  mkdirSync(join(folder, 'state'))
  writeFileSync(join(folder, 'state', 'ports.json'), JSON.stringify({ formerPort: await restartPort() }))
}

/** Which hosts are ready, by instance: asked of the API as everybody may. */
async function readyHosts({ links, token }: Up): Promise<Record<string, string>> {
  const { hosts } = await getJson<HostPage>(links.api, '/v1/hosts', token)
  return Object.fromEntries(
    hosts.flatMap(({ host, phase, instanceId }) =>
      phase === 'ready' && instanceId ? [[host, instanceId]] : [],
    ),
  )
}

const untilReady = (up: Up, count: number): Promise<Record<string, string>> =>
  waitFor(
    `${count} hosts to be ready`,
    async () => {
      const ready = await readyHosts(up)
      return Object.keys(ready).length >= count && ready
    },
    { timeoutMs: 40_000 },
  )

test('a stack is alone on its state, ends whole on Ctrl-C, and goes on with the same instances', async () => {
  const place = await createPlace()
  await claimApiPort(place)
  const first = dev(place)
  const up = await first.ready<Up>()
  expect(up).toMatchObject({ ok: true, pid: first.pid, state: join(place.folder, 'state') })
  expect(up.fleets).toMatchObject([{ fleet: 'demo', outcome: 'started', size: 3 }])

  // Temporal, the cloud, the API and the metadata services of machines: nothing is open to the network.
  const listening = listeningAddresses(processesIn(place.folder).map(({ pid }) => pid))
  expect(listening.length).toBeGreaterThan(0)
  expect(listening.filter((address) => !address.startsWith('127.'))).toEqual([])

  const second = await runMuster(place, ['dev', '--state', 'state', '--json'])
  expect(second.code).toBe(1)
  expect(second.stderr).toContain(`another stack (process ${first.pid}) runs on ${up.state}`)

  const ready = await untilReady(up, 2)
  await askMuster(place, ['fleets', 'resize', 'demo', '2', '--why', 'a test'])
  expect(await first.end('SIGINT')).toMatchObject({ code: 0, stderr: '' })
  await untilNothingRuns(place)
  expect(existsSync(join(up.state, 'lock'))).toBe(false)
  expect((await runMuster(place, ['hosts'])).stderr).toContain('no stack runs on this machine')

  const again = dev(place)
  const upAgain = await again.ready<Up>()
  // What a person has set since stays, and agents find the API where they left it.
  expect(upAgain.fleets).toMatchObject([{ fleet: 'demo', outcome: 'unchanged', size: 2, configSize: 3 }])
  expect(upAgain.links.api).toBe(up.links.api)
  const upAt = Date.now()
  await waitFor('the instances of before to be heard again', async () => {
    const { hosts } = await getJson<HostPage>(upAgain.links.api, '/v1/hosts', upAgain.token)
    return Object.entries(ready).every(([id, instance]) => {
      const now = hosts.find(({ host }) => host === id)
      const isHeard = Date.parse(now?.lastBeatAt ?? '') > upAt
      return isHeard && now?.phase === 'ready' && now.instanceId === instance
    })
  })
  expect(await again.end('SIGTERM')).toMatchObject({ code: 0, stderr: '' })
  await untilNothingRuns(place)
})

test('a stack that is told to end while it starts leaves nothing running', async () => {
  const place = await createPlace()
  const stack = dev(place)
  await waitFor(
    'Temporal to be started',
    () => processesIn(place.folder).some(({ words }) => words.includes('start-dev')),
    { timeoutMs: 40_000, everyMs: 10 },
  )
  expect(await stack.end('SIGHUP')).toMatchObject({ code: 0, stdout: '', stderr: '' })
  await untilNothingRuns(place)
  expect(existsSync(join(place.folder, 'state', 'lock'))).toBe(false)
})

test('a start that fails half-way ends what it has started, and says why in a line', async () => {
  const place = await createPlace()
  writeFileSync(
    join(place.folder, 'config.yaml'),
    JSON.stringify({ store: { sqlite: '/dev/null/muster.db' } }),
  )
  const { code, stdout, stderr } = await runMuster(place, [
    'dev',
    '--json',
    '--state',
    'state',
    '--config',
    'config.yaml',
  ])
  expect(code).toBe(1)
  expect(stderr).toMatch(/^muster: .*\/dev\/null/)
  expect(lastJson(stdout)).toMatchObject({ ok: false })
  await untilNothingRuns(place)
})

test('a sweep that is told no config is one of the stack that runs here, not of the example', async () => {
  const place = await createPlace()
  const hosts = {
    image: 'm-bp1linux0000000000000',
    placements: [{ zone: 'cn-hangzhou-g', vSwitch: 'vsw-bp1default0000000000g', type: 'ecs.g7.large' }],
    securityGroups: ['sg-bp1default00000000000'],
  }
  const config = { controller: 'mine', cloud: { kind: 'emulator', region: 'cn-hangzhou' } }
  writeFileSync(
    join(place.folder, 'config.yaml'),
    JSON.stringify({ ...config, fleets: { own: { size: 1, hosts } } }),
  )
  const stack = dev(place, '--config', 'config.yaml')
  await untilReady(await stack.ready<Up>(), 1)
  const { counts } = await askMuster<SweepReport>(place, ['sweep', '--dry-run'])
  expect(counts.instance).toEqual({ tooYoung: 1 })
  expect((await stack.end('SIGINT')).code).toBe(0)
  await untilNothingRuns(place)
})

test('a start does to a running fleet nothing that apply would ask about, and says so, until it is told --yes', async () => {
  const place = await createPlace()
  await claimApiPort(place)
  const hosts = {
    image: 'm-bp1linux0000000000000',
    placements: [{ zone: 'cn-hangzhou-g', vSwitch: 'vsw-bp1default0000000000g', type: 'ecs.g7.large' }],
    securityGroups: ['sg-bp1default00000000000'],
  }
  const rollout = { onApply: 'roll', maxUnavailable: '100%' }
  const start = (release: string, ...more: string[]) => {
    const fleet = (name: string, policy: object) => [
      name,
      { size: 1, ...policy, hosts: { ...hosts, tags: { release } } },
    ]
    const fleets = Object.fromEntries([fleet('bold', { rollout }), fleet('calm', {})])
    const config = { controller: 'mine', cloud: { kind: 'emulator', region: 'cn-hangzhou' }, fleets }
    writeFileSync(join(place.folder, 'farm.yaml'), JSON.stringify(config))
    return dev(place, '--config', 'farm.yaml', ...more)
  }
  const first = start('may')
  await untilReady(await first.ready<Up>(), 2)
  expect((await first.end('SIGINT')).code).toBe(0)
  await untilNothingRuns(place)

  const second = start('june')
  const { fleets, notices } = await second.ready<Up>()
  const doubt =
    'fleet bold would be rolled to another spec with up to 1 of its 1 ready hosts away at once (100 %), as its maxUnavailable of 100% allows'
  expect(fleets).toMatchObject([
    { fleet: 'bold', outcome: 'kept', doubts: [doubt] },
    { fleet: 'calm', outcome: 'changed', doubts: [] },
  ])
  expect(notices.join('\n')).toContain(
    `fleet bold goes on as it was, the config was not applied to it, because nobody has agreed to this: ${doubt}; \`muster apply --config farm.yaml\` asks`,
  )
  const specs = async () => {
    const { fleets: all } = await askMuster<FleetList>(place, ['fleets'])
    return Object.fromEntries(all.map(({ name, specHash }) => [name, specHash]))
  }
  const { bold, calm } = await specs()
  expect(bold, 'of May').not.toBe(calm)
  expect((await second.end('SIGINT')).code).toBe(0)
  await untilNothingRuns(place)

  const third = start('june', '--yes')
  expect((await third.ready<Up>()).fleets).toMatchObject([
    { fleet: 'bold', outcome: 'changed', doubts: [doubt] },
    { fleet: 'calm', outcome: 'unchanged' },
  ])
  await waitFor('the fleet to have the spec of June', async () => (await specs())['bold'] === calm)
  expect((await third.end('SIGINT')).code).toBe(0)
  await untilNothingRuns(place)
})

test('a stack whose Temporal has died says so, and ends', async () => {
  const place = await createPlace()
  const stack = dev(place)
  await stack.ready<Up>()
  const [temporal] = processesIn(place.folder).filter(({ words }) => words.includes('start-dev'))
  if (!temporal) throw new Error('no Temporal runs here')
  process.kill(temporal.pid, 'SIGKILL')
  const { code, stdout } = await stack.ended
  expect(code).toBe(1)
  expect(stdout).toContain('the Temporal dev server has ended by itself: signal SIGKILL')
  await untilNothingRuns(place)
})

test('a killed stack takes its children with it; --fresh begins anew', async () => {
  const place = await createPlace()
  const killed = dev(place)
  const up = await killed.ready<Up>()
  await untilReady(up, 1)
  expect(processesIn(place.folder).length).toBeGreaterThan(3)
  expect((await killed.end('SIGKILL')).code).toBe(137)
  await untilNothingRuns(place, 25_000)

  const fresh = dev(place, '--fresh')
  const upFresh = await fresh.ready<Up>()
  expect(upFresh.fleets).toMatchObject([{ outcome: 'started', size: 3 }])
  expect((await fresh.end('SIGINT')).code).toBe(0)
  await untilNothingRuns(place)
  expect(readdirSync(join(place.folder, 'state'))).toContain('temporal.db')
})
