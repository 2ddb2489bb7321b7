import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { HostPage } from '../../cli/client/answers.ts'
import { endpointOf, type TemporalAccess } from '../../cli/stack/temporal-access.ts'
import { connectClient } from '../../cli/stack/temporal.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { findTemporalCli } from '../../scripts/setup/temporal.mjs'
import { startTemporalDevServer, type DevServer } from '../../scripts/temporal/dev-server.ts'
import { connectToTemporal } from '../../worker/connect.ts'
import { createAuthority, type Authority, type Certificate } from '../support/certificates.ts'
import { restartPort } from '../support/restart-port.ts'
import { startTlsFront, type TlsFrontOptions } from '../support/tls-front.ts'
import { askMuster, createPlace, getJson, lastJson, runMuster, startMuster, type Place } from './muster.ts'

const NAMESPACE = 'farm'
const SERVER_NAME = 'temporal.test'
const SECRET = { FARM_KEY: 'enrollment-secret-of-the-whole-farm' }
/** Far below the minute that worker and API wait for a server that is away. */
const SOON_MS = 45_000

let temporal: DevServer
beforeAll(async () => {
  temporal = await startTemporalDevServer({
    cli: await findTemporalCli(),
    headless: true,
    searchAttributes: {},
  })
})
afterAll(() => temporal.stop())

interface Ground {
  place: Place
  authority: Authority
  client: Certificate
  /** A Temporal at this end of TLS. */
  front: (more?: Partial<TlsFrontOptions>) => ReturnType<typeof startTlsFront>
}

async function createGround(): Promise<Ground> {
  const place = await createPlace()
  const authority = createAuthority(place.folder, 'ours')
  const shows = authority.sign('server', `DNS:${SERVER_NAME}`)
  return {
    place,
    authority,
    client: authority.sign('client', 'DNS:client.test'),
    front: async (more = {}) => {
      const front = await startTlsFront({ to: temporal.address, shows, ...more })
      onTestFinished(() => front.close())
      return front
    },
  }
}

/** JSON is YAML too. */
function writeConfig({ folder }: Place, address: string, tls: unknown, more: object = {}): string {
  const file = join(folder, 'farm.yaml')
  const config = {
    controller: 'farm',
    temporal: { address, namespace: NAMESPACE, tls },
    cloud: { kind: 'emulator', endpoint: '127.0.0.1:1' },
    api: { keys: [{ id: 'k1', secretEnv: 'FARM_KEY' }] },
    ...more,
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}

const HOSTS = {
  image: 'm-bp1linux0000000000000',
  placements: [{ zone: 'cn-hangzhou-g', vSwitch: 'vsw-bp1default0000000000g', type: 'ecs.g7.large' }],
  securityGroups: ['sg-bp1default00000000000'],
}

test('set-up, worker, API and apply work over TLS with client certificates, by paths beside the config', async () => {
  const { place, authority, client, front } = await createGround()
  const { address, passed } = await front({ clientCa: authority.ca })
  const emulator = startMuster(place, ['emulator', '--port', '0', '--json'])
  const { endpoint } = await emulator.ready<{ endpoint: string }>()
  const api = `127.0.0.1:${await restartPort()}`
  const tls = {
    serverName: SERVER_NAME,
    caFile: 'ours.pem',
    certFile: 'ours-client.pem',
    keyFile: 'ours-client.key',
  }
  const file = writeConfig(place, address, tls, {
    cloud: { kind: 'emulator', endpoint },
    store: { sqlite: join(place.folder, 'farm.db') },
    api: { listen: api, publicUrl: `http://${api}`, keys: [{ id: 'k1', secretEnv: 'FARM_KEY' }] },
    fleets: { render: { size: 1, hosts: HOSTS } },
  })
  const setup = `temporal setup --address ${address} --namespace ${NAMESPACE} --tls-ca ${authority.ca} --tls-cert ${client.cert} --tls-key ${client.key} --tls-server-name ${SERVER_NAME}`
  // The server is known, and the hint can be typed as it stands.
  const early = await runMuster(place, ['worker', '--config', file], { env: SECRET })
  expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining(`run: muster ${setup}`) })
  expect(await askMuster(place, setup.split(' '))).toMatchObject({ namespace: 'created' })

  // From another folder than that of the config and its certificates.
  const elsewhere: Place = { ...place, folder: '/' }
  const worker = startMuster(elsewhere, ['worker', '--config', file, '--json'], { env: SECRET })
  expect(await worker.ready()).toMatchObject({ ok: true, temporal: address })
  const serving = startMuster(elsewhere, ['api', '--config', file, '--json'], { env: SECRET })
  await serving.ready()
  await askMuster(place, ['apply', '--config', file], { env: SECRET })
  const tokens = ['tokens', 'add', 'ann', '--role', 'operator', '--config', file]
  const { token } = await askMuster<{ token: string }>(place, tokens)
  await waitFor('the host to be ready', async () => {
    const { hosts } = await getJson<HostPage>(`http://${api}`, '/v1/hosts?phase=ready', token)
    return hosts.length === 1
  })
  expect(passed()).toBeGreaterThanOrEqual(5)
  const ends = await Promise.all([worker, serving].map((one) => one.end('SIGTERM')))
  expect(ends.map(({ code }) => code)).toEqual([0, 0])
})

test('dev uses a server over TLS, and other commands find it there', async () => {
  const { place, authority, front } = await createGround()
  const { address, passed } = await front()
  const reach = ['--tls-ca', authority.ca, '--tls-server-name', SERVER_NAME]
  await askMuster(place, ['temporal', 'setup', '--address', address, '--namespace', NAMESPACE, ...reach])
  const file = writeConfig(place, address, { caFile: 'ours.pem', serverName: SERVER_NAME })
  const dev = startMuster(place, ['dev', '--config', file, '--state', 'state', '--json'], { env: SECRET })
  const up = await dev.ready<{ notices: string[] }>()
  expect(up).toMatchObject({ ok: true, links: { temporal: address } })
  // Ports may be taken by whoever else runs here.
  expect(up.notices.filter((notice) => !/^port \d+ is taken by another program: /.test(notice))).toEqual([])
  const before = passed()
  // It names no server: what the running stack remembers must do.
  const other = join(place.folder, 'other.yaml')
  writeFileSync(other, '{}')
  expect(await askMuster(place, ['apply', '--config', other, '--dry-run'])).toMatchObject({ ok: true })
  expect(passed()).toBeGreaterThan(before)
  expect((await dev.end('SIGINT')).code).toBe(0)
})

test('who does not trust whom is said at once, with the address and what to do', async () => {
  const { place, authority, front } = await createGround()
  const { ca } = createAuthority(place.folder, 'others')
  const open = await front()
  const closed = await front({ clientCa: authority.ca })
  const older = await front({ clientCa: authority.ca, maxVersion: 'TLSv1.2' })
  const ours = { caFile: authority.ca, serverName: SERVER_NAME }
  const NO_AUTHORITY = 'no authority of temporal.tls.caFile (--tls-ca) has signed'
  const NO_CERTIFICATE = 'asks for a client certificate: name it in temporal.tls.certFile and keyFile'

  for (const [command, address, tls, words] of [
    ['worker', open.address, { ...ours, caFile: ca }, NO_AUTHORITY],
    ['api', closed.address, ours, NO_CERTIFICATE],
  ] as const) {
    const file = writeConfig(place, address, tls)
    const startedAt = performance.now()
    const { code, stderr } = await runMuster(place, [command, '--config', file], { env: SECRET })
    expect([code, stderr]).toEqual([1, expect.stringContaining(`muster: Temporal at ${address} `)])
    expect(stderr).toContain(words)
    expect(performance.now() - startedAt).toBeLessThan(SOON_MS)
  }

  const cases: [access: TemporalAccess, words: string][] = [
    [{ address: open.address, tls: { ...ours, caFile: ca } }, NO_AUTHORITY],
    [{ address: closed.address, tls: ours }, NO_CERTIFICATE],
    [{ address: older.address, tls: ours }, NO_CERTIFICATE],
    [{ address: open.address, tls: {} }, 'no public authority has signed: name the one that has in'],
    [
      { address: open.address, tls: { caFile: authority.ca } },
      `for DNS:${SERVER_NAME}: name one of them in temporal.tls.serverName`,
    ],
    [{ address: open.address }, 'speaks TLS, and we do not: say temporal.tls (--tls)'],
    [{ address: temporal.address, tls: {} }, 'does not speak TLS: drop temporal.tls (--tls)'],
  ]
  for (const [access, words] of cases) {
    const refused = { code: 'unprocessable', message: expect.stringContaining(words) }
    const startedAt = performance.now()
    await expect(connectClient(access, 60_000)).rejects.toMatchObject(refused)
    await expect(connectToTemporal(await endpointOf(access), 60_000)).rejects.toMatchObject(refused)
    expect(performance.now() - startedAt).toBeLessThan(SOON_MS)
  }
})

test('a file that cannot be used is told before anybody is asked', async () => {
  const { place } = await createGround()
  const file = writeConfig(place, '127.0.0.1:1', { caFile: 'nowhere.pem' })
  const words = `cannot use ${place.folder}/nowhere.pem as the CA for Temporal: there is no such file`
  const { code, stderr } = await runMuster(place, ['api', '--config', file], { env: SECRET })
  expect([code, stderr]).toEqual([2, `muster: ${words}`])
  const check = await runMuster(place, ['check', '--offline', '--config', file, '--json'], { env: SECRET })
  expect(check.code).toBe(1)
  expect(lastJson(check.stdout)).toMatchObject({
    items: expect.arrayContaining([{ what: 'Temporal at 127.0.0.1:1', result: 'failed', detail: words }]),
  })
})
