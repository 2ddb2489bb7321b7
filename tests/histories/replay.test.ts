import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { historyFromJSON, type History } from '@temporalio/common/lib/proto-utils.js'
import { DefaultLogger, Runtime, Worker, makeTelemetryFilterString } from '@temporalio/worker'
import { beforeAll, describe, expect, it } from 'vitest'
import { SCENARIOS } from './scenarios.ts'
import { FOLDER, record, type StoredHistory } from './record.ts'
import { workflowBundle } from '../../worker/bundle.ts'

type Bundle = { codePath: string } | { code: string }

const DETERMINISM = /nondeterminism|determinism/i
/** `MUSTER_RECORD=all`, or names of scenarios with commas between: they are played and recorded first. */
const wanted = process.env['MUSTER_RECORD']

/** Failing replays are wanted here: their complaints are read from the results. */
const QUIET = {
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: {
    logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }), forward: {} },
  },
}

describe('stored histories', () => {
  let bundle: { codePath: string }
  beforeAll(async () => {
    if (wanted) await record(wanted === 'all' ? [] : wanted.split(','))
    else Runtime.install(QUIET)
    bundle = await workflowBundle()
  }, 300_000)

  it('of every scenario are there', () => {
    const names = new Set(files().map((file) => file.replace(/(-\d+)?\.json$/, '')))
    expect([...names].toSorted()).toEqual(Object.keys(SCENARIOS).toSorted())
  })

  it('replay with the present workflow code', async () => {
    const results = await replay(bundle, files().map(read))
    expect(results).toEqual(Object.fromEntries(files().map((file) => [file, 'ok'])))
  })

  it('name no machine but loopback, and hold no user data', () => {
    const told = files().map((file) => ({ file, text: decoded(read(file).history) }))
    const foreign = told.flatMap(({ file, text }) =>
      (text.match(/\b\d{1,3}(\.\d{1,3}){3}\b/g) ?? [])
        .filter((ip) => !ip.startsWith('127.'))
        .map((ip) => `${ip} in ${file}`),
    )
    expect(foreign).toEqual([])
    const telling = told.filter(({ text }) => /\/home\/|\/tmp\/|muster-enrollment|v1\.k1\./.test(text))
    expect(telling.map(({ file }) => file)).toEqual([])
  })

  it.each([
    ['ready-retired.json', 'launchInstance', 'awaitRunning'],
    ['reclaimed.json', 'watchAgent', 'deleteInstance'],
    ['fleet-frozen.json', 'observeFleet', 'startHosts'],
  ])('fail when activities come in another order: %s, %s and %s', async (file, first, second) => {
    const swapped = read(file)
    const scheduled = (swapped.history.events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes: asked }) => (asked?.activityType ? [asked.activityType] : []),
    )
    const from = scheduled.findIndex(({ name }, i) => name === first && scheduled[i + 1]?.name === second)
    expect(from, `${first}, then ${second}`).toBeGreaterThanOrEqual(0)
    for (const [i, name] of [second, first].entries()) Object.assign(scheduled[from + i] ?? {}, { name })
    expect(await replay(bundle, [swapped])).toEqual({ [file]: expect.stringMatching(DETERMINISM) as string })
  })

  it.each([
    ['becomeReady', 'inspectSilent', 'ready-retired.json', 'cancelled-in-launch.json'],
    ['renewDeadMan', 'becomeReady', 'dead-man-renewed.json', 'ready-retired.json'],
    ['startHosts', 'retireHosts', 'fleet-frozen.json', 'action.json'],
  ])(
    'fail with workflow code that asks for another activity than %s',
    async (asked, other, touched, spared) => {
      const code = readFileSync(bundle.codePath, 'utf8')
      const altered = code.replace(`).${asked}(`, `).${other}(`)
      expect(altered).not.toBe(code)
      const results = await replay({ code: altered }, [touched, spared].map(read))
      expect(results[touched]).toMatch(DETERMINISM)
      expect(results[spared], 'a life without that step').toBe('ok')
    },
  )
})

const files = (): string[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .toSorted()

interface Kept {
  file: string
  workflowId: string
  history: History
}

function read(file: string): Kept {
  const { workflowId, history } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as StoredHistory
  return { file, workflowId, history: historyFromJSON(history) }
}

/** File → `ok` or what is wrong. */
async function replay(workflowBundle: Bundle, kept: Kept[]): Promise<Record<string, string>> {
  const results: Record<string, string> = {}
  for (const { file, workflowId, history } of kept) {
    for await (const { error } of Worker.runReplayHistories({ workflowBundle }, [{ workflowId, history }])) {
      results[file] = error ? `${error.name}: ${error.message}` : 'ok'
    }
  }
  return results
}

/** JSON with every payload as the text it holds. */
function decoded(history: History): string {
  return JSON.stringify(history, function (this: Record<string, unknown>, key, shown: unknown) {
    const raw = this[key]
    return raw instanceof Uint8Array ? Buffer.from(raw).toString('utf8') : shown
  })
}
