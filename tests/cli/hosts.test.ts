import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type {
  EvidenceEntry,
  EvidenceList,
  Explanation,
  FleetAnswer,
  FleetDetail,
  HostAnswer,
  HostPage,
  HostView,
  Journal,
} from '../../cli/client/answers.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { askMuster, createPlace, getJson, runMuster, startMuster, type Place } from './muster.ts'

const ask = <T>(place: Place, ...args: string[]): Promise<T> => askMuster<T>(place, args)

/** What a person reads. */
async function read(place: Place, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runMuster(place, args)
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
  return stdout
}

interface Up {
  links: { api: string }
  token: string
}

const untilPhase = (up: Up, host: string, phase: string, attempt: number): Promise<HostView> =>
  waitFor(
    `${host} to be ${phase} in attempt ${attempt}`,
    async () => {
      const { hosts } = await getJson<HostPage>(up.links.api, '/v1/hosts', up.token)
      return hosts.find((row) => row.host === host && row.phase === phase && row.attempt === attempt)
    },
    { timeoutMs: 50_000 },
  )

test('a stack’s hosts and fleets are read and asked from another terminal', async () => {
  const place = await createPlace()
  const stack = startMuster(place, ['dev', '--json', '--state', 'state'])
  onTestFinished(async () => {
    await stack.end('SIGTERM')
  })
  const up = await stack.ready<Up>()
  const watch = startMuster(place, ['hosts', 'watch', '--json'])
  await watch.ready<{ hosts: HostView[] }>()

  await untilPhase(up, 'demo/00001', 'ready', 1)
  const booting = await untilPhase(up, 'demo/00002', 'booting', 1)
  const early = await runMuster(place, ['hosts', 'fast-forward', 'demo/00001'])
  expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('host demo/00001 is ready') })
  await waitFor('demo/00002 to wait for its deadline alone', async () => {
    const { code } = await runMuster(place, ['hosts', 'fast-forward', 'demo/00002'])
    return code === 0
  })
  await untilPhase(up, 'demo/00002', 'ready', 2)

  const { evidence } = await ask<EvidenceList>(place, 'hosts', 'evidence', 'demo/00002')
  expect(new Set(evidence.map(({ kind }) => kind))).toEqual(new Set(['console', 'screenshot', 'events']))
  expect(await read(place, 'hosts', 'evidence', 'demo/00002', 'console')).toContain('Linux')
  const saved = await ask<EvidenceEntry>(
    place,
    'hosts',
    'evidence',
    'demo/00002',
    'screenshot',
    '--output',
    'screen',
  )
  expect(saved).toMatchObject({ kind: 'screenshot', attempt: 1, output: 'screen' })
  expect(readFileSync(join(place.folder, 'screen')).length).toBeGreaterThan(1_000)
  const none = await runMuster(place, ['hosts', 'evidence', 'demo/00001', 'console'])
  expect(none).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no console was taken of demo/00001'),
  })

  const { events } = await ask<Journal>(place, 'hosts', 'journal', 'demo/00002')
  const mute = events.find(({ kind }) => kind === 'deadline')
  expect(mute?.text).toContain('no "started" before the boot deadline')
  const page = await read(place, 'hosts', 'show', 'demo/00002')
  expect(page).toMatch(/^last failure +mute$/m)
  expect(/^instance +(\S+)$/m.exec(page)?.[1]).not.toBe(booting.instanceId)
  expect(await read(place, 'fleets')).toMatch(/^demo +3 +3 ready/m)
  expect((await ask<FleetDetail>(place, 'fleets', 'show', 'demo')).spec?.bootTimeoutMs).toBe(1_200_000)

  expect(await ask<FleetAnswer>(place, 'fleets', 'pause', 'demo')).toMatchObject({ paused: true })
  expect(await ask<FleetAnswer>(place, 'fleets', 'resume', 'demo')).toMatchObject({ paused: false })
  expect(await ask<FleetAnswer>(place, 'fleets', 'mark', 'demo', '2', '3')).toMatchObject({ desired: 3 })
  expect(await read(place, 'fleets', 'explain', 'demo')).toMatch(
    /^demo has the 3 ready hosts that are wanted\./,
  )
  expect(await ask<Explanation>(place, 'fleets', 'explain', 'demo')).toMatchObject({
    state: 'fine',
    missing: [],
  })
  const replaced = ['hosts', 'replace', 'demo/00003', '--no-drain', '--why', 'odd noises']
  expect(await ask<HostAnswer>(place, ...replaced)).toMatchObject({ attempt: 1 })
  const preserved = await ask<HostAnswer>(place, 'hosts', 'preserve', 'demo/00001', '--for', '45m')
  expect(preserved).toMatchObject({ attempt: 1 })
  await ask<HostAnswer>(place, 'hosts', 'replace', 'demo/00001', '--no-drain')
  await untilPhase(up, 'demo/00003', 'ready', 2)
  const story = await ask<Journal>(place, 'hosts', 'journal', 'demo/00003')
  expect(story.events.map(({ text }) => text).join('\n')).toContain('odd noises')
  await untilPhase(up, 'demo/00001', 'ready', 2)
  const kept = await ask<Journal>(place, 'hosts', 'journal', 'demo/00001')
  expect(kept.events.map(({ kind }) => kind)).toContain('preserved')
  const { hosts } = await ask<HostPage>(place, 'hosts', 'list', '--fleet', 'demo', '--retired')
  expect(hosts.map(({ host }) => host)).toEqual(['demo/00001', 'demo/00002', 'demo/00003'])

  expect(await read(place, 'hosts', '--phase', 'silent')).toBe('no hosts')
  const { code, stdout } = await watch.end('SIGINT')
  expect(code).toBe(0)
  const looks = stdout.split('\n').map((line) => (JSON.parse(line) as { hosts: HostView[] }).hosts)
  expect(
    looks.some((hosts) => hosts.some(({ host, attempt }) => host === 'demo/00002' && attempt === 2)),
  ).toBe(true)
})
