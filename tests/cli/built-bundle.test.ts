import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts'
import { findTemporalCli } from '../../scripts/setup/temporal.mjs'
import { startTemporalDevServer } from '../../scripts/temporal/dev-server.ts'
import { createPlace, runMuster, startMuster, type Place } from './muster.ts'

const root = join(import.meta.dirname, '../..')
/** What a worker is made of. */
const PARTS = [
  'activities',
  'agent',
  'api',
  'cli',
  'domain',
  'emulator',
  'scripts',
  'store',
  'worker',
  'workflows',
]
const PRODUCTION = { NODE_ENV: 'production', KEY: 'enrollment-secret-of-this-test-alone' }

/** A copy of the sources with a `dist/` of its own: that of the repository is everybody's. */
function copySources({ folder }: Place): string {
  const copy = join(folder, 'muster')
  for (const part of [...PARTS, 'package.json']) {
    cpSync(join(root, part), join(copy, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

test('in production a worker runs the bundle that was built, and makes none', async () => {
  const place = await createPlace()
  const server = await startTemporalDevServer({
    cli: await findTemporalCli(),
    headless: true,
    searchAttributes: SEARCH_ATTRIBUTES,
  })
  onTestFinished(() => server.stop())
  const config = join(place.folder, 'muster.yaml')
  writeFileSync(
    config,
    JSON.stringify({
      temporal: { address: server.address },
      // Nobody is there: this worker has nothing to do.
      cloud: { endpoint: '127.0.0.1:9' },
      api: { listen: '127.0.0.1:1', publicUrl: 'http://127.0.0.1:1', keys: [{ id: 'k1', secretEnv: 'KEY' }] },
    }),
  )
  const copy = copySources(place)
  const dist = join(copy, 'dist')
  const worker = ['worker', '--config', config, '--json']
  const options = { env: PRODUCTION, program: join(copy, 'cli/main.ts') }
  const build = () =>
    runMuster(place, [], { env: PRODUCTION, program: join(copy, 'scripts/build-workflows.ts') })
  const refused = {
    code: 1,
    stderr: expect.stringMatching(/there is no bundle of these workflows: .* run: npm run build:workflows/),
  }

  expect(await runMuster(place, worker, options)).toMatchObject(refused)
  expect(() => readdirSync(dist)).toThrow('ENOENT')

  expect(await build()).toMatchObject({ code: 0 })
  const [name = '', ...others] = readdirSync(dist)
  expect({ name, others }).toEqual({ name: expect.stringMatching(/^workflows-\w+\.js$/), others: [] })
  const built = join(dist, name)
  const madeAt = statSync(built).mtimeMs

  const running = startMuster(place, worker, options)
  expect(await running.ready()).toMatchObject({ ok: true })
  const log = running.stderr.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as object)
  expect(log).toContainEqual(expect.objectContaining({ bundle: built }))
  expect(await running.end('SIGTERM')).toMatchObject({ code: 0 })
  expect({ files: readdirSync(dist), madeAt: statSync(built).mtimeMs }).toEqual({ files: [name], madeAt })

  // That it is this very file which is run shows when it cannot be.
  const marked = `throw new Error("the mark of the built file");${readFileSync(built, 'utf8')}`
  writeFileSync(built, marked)
  expect(await runMuster(place, worker, options)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the mark of the built file'),
  })

  appendFileSync(join(copy, 'workflows/index.ts'), '// changed after it was built\n')
  expect(await runMuster(place, worker, options)).toMatchObject(refused)
  expect(readdirSync(dist)).toEqual([name])
  expect(await build()).toMatchObject({ code: 0 })
  expect(readdirSync(dist)).toHaveLength(2)
})
