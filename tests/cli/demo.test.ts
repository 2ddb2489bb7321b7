import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DemoReport } from '../../cli/demo/report.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { createPlace, lastJson, runMuster, startMuster, untilNothingRuns } from './muster.ts'

const root = join(import.meta.dirname, '../..')

test('npm run demo -- --json tells the whole story, in a minute, and leaves nothing behind', async () => {
  const place = await createPlace()
  // What `npm run demo` runs.
  const program = join(root, 'scripts/run.mjs')
  const { code, stdout, stderr } = await runMuster(place, ['demo', '--json'], { program })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const report = lastJson<DemoReport>(stdout)
  expect(Object.keys(report)).toEqual(['ok', 'totalMs', 'hosts', 'ecsCalls', 'instancesLeft', 'links'])
  expect(report).toMatchObject({ ok: true, instancesLeft: 0, ecsCalls: { RunInstances: 4 } })
  expect(report.totalMs).toBeLessThan(60_000)
  expect(report.links).toMatchObject({
    dashboard: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\?token=/),
    temporalUi: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows$/),
  })
  expect(
    report.hosts.map(({ id, attempts }) => [id, attempts.map(({ n, outcome }) => [n, outcome])]),
  ).toEqual([
    ['demo/00001', [[1, 'retired']]],
    [
      'demo/00002',
      [
        [1, 'mute'],
        [2, 'retired'],
      ],
    ],
    ['demo/00003', [[1, 'retired']]],
  ])
  const [mute] = report.hosts[1]?.attempts ?? []
  expect(Object.keys(mute ?? {})).toEqual([
    'n',
    'instanceId',
    'outcome',
    'launchedAt',
    'startedAt',
    'deletedAt',
    'reason',
  ])
  const livedMs = Date.parse(mute?.deletedAt ?? '') - Date.parse(mute?.launchedAt ?? '')
  expect(livedMs).toBeGreaterThanOrEqual(20 * 60_000)
  await untilNothingRuns(place)
  expect(readdirSync(place.folder)).toEqual([])
})

test('a demo that is ended before its story is told fails, and leaves nothing behind', async () => {
  const place = await createPlace()
  const demo = startMuster(place, ['demo'])
  await waitFor('the story to begin', () => demo.stdout.some((line) => line.includes('3 hosts wanted')))
  demo.signal('SIGTERM')
  const { code, stderr } = await demo.ended
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'muster: ended by SIGTERM before it was done' })
  await untilNothingRuns(place)
  expect(readdirSync(place.folder)).toEqual([])
})
