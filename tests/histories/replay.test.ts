import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { historyFromJSON, type History } from '@temporalio/common/lib/proto-utils.js'
import { DefaultLogger, Runtime, Worker, makeTelemetryFilterString } from '@temporalio/worker'
import { beforeAll, describe, expect, it } from 'vitest'
import { textsIn } from '../support/texts-in.ts'
import { EXPECTED } from './expected.ts'
import { SCENARIOS } from './scenarios.ts'
import { FOLDER, record, type StoredHistory } from './record.ts'
import { askedIn, storyOf } from './story.ts'
import { TURNS } from './turns.ts'
import { workflowBundle } from '../../worker/bundle.ts'

type Bundle = { codePath: string } | { code: string }

const DETERMINISM = /nondeterminism|determinism/i
/** `MUSTER_RECORD=all`, or names of scenarios with commas between: they are played and recorded first. */
const wanted = process.env['MUSTER_RECORD']

/** Scenarios are played one after another. */
const RECORDING_MS = 1_200_000

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
  }, RECORDING_MS)

  it('of every scenario are there, each of what it is kept for', () => {
    expect([...kept().keys()].toSorted()).toEqual(Object.keys(SCENARIOS).toSorted())
    expect(Object.keys(EXPECTED).toSorted()).toEqual(Object.keys(SCENARIOS).toSorted())
    for (const [name, runs] of kept()) {
      const story = runs.flatMap(({ history }) => storyOf(history))
      const { told } = EXPECTED[name] ?? { told: [] }
      expect(inOrder(told, story), `of ${name}, whose story is: ${story.join(' · ')}`).toEqual(told)
    }
  })

  it('pass every activity, every answer and every wait there is', () => {
    const histories = [...kept().values()].flat().map(({ history }) => history)
    const asked = new Set(histories.flatMap(askedIn))
    expect([...asked].toSorted()).toEqual(activities().toSorted())
    const told = new Set(histories.flatMap(storyOf))
    expect(TURNS.filter((turn) => !told.has(turn))).toEqual([])
  })

  it('replay with the present workflow code', async () => {
    const results = await replay(bundle, files().map(read))
    expect(results).toEqual(Object.fromEntries(files().map((file) => [file, 'ok'])))
  })

  it('name no machine but loopback, no folder of one, and hold no user data', () => {
    const told = files().map((file) => ({ file, text: textsIn(read(file).history) }))
    const foreign = told.flatMap(({ file, text }) =>
      (text.match(/\b\d{1,3}(\.\d{1,3}){3}\b/g) ?? [])
        .filter((ip) => !ip.startsWith('127.'))
        .map((ip) => `${ip} in ${file}`),
    )
    expect(foreign).toEqual([])
    // Payloads were read as well.
    for (const { text } of told) expect(text).toMatch(/"controller":|"host":|"fleet":/)
    const telling = told.filter(({ text }) =>
      / {4}at |\/home\/|\/tmp\/|muster-enrollment|v1\.k1\./.test(text),
    )
    expect(telling.map(({ file }) => file)).toEqual([])
  })

  it('fail when activities come in another order, those of every scenario', async () => {
    const altered = [...kept()].map(([name, runs]) => otherwise(runs, EXPECTED[name]?.asked ?? [''], name))
    const results = await replay(bundle, altered)
    expect(results).toEqual(
      Object.fromEntries(altered.map(({ file }) => [file, expect.stringMatching(DETERMINISM)])),
    )
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

/** By scenario, the first run first. */
function kept(): Map<string, Kept[]> {
  const byName = Map.groupBy(files(), (file) => file.replace(/(-\d+)?\.json$/, ''))
  return new Map([...byName].map(([name, runs]) => [name, runs.map(read)]))
}

/** As much of what is expected as there is, in this order. */
function inOrder(expected: string[], story: string[]): string[] {
  const left = [...expected]
  return story.flatMap((told) => (told === left[0] ? (left.shift() ?? []) : []))
}

/** Names of the activities that workflows may ask for. */
const activities = (): string[] =>
  ['contract.ts', 'statuspage/contract.ts'].flatMap((file) => {
    const text = readFileSync(join(import.meta.dirname, '../../activities', file), 'utf8')
    return [...text.matchAll(/^ {2}(\w+)\(input: \w+\): Promise/gm)].map(([, name = '']) => name)
  })

/** The run that asks for these two in turn, asking for them in the other order; for a single one: asking for another. */
function otherwise(runs: Kept[], [first, second]: [string, string?], name: string): Kept {
  for (const run of runs) {
    const types = (run.history.events ?? []).flatMap(({ activityTaskScheduledEventAttributes: asked }) =>
      asked?.activityType ? [asked.activityType] : [],
    )
    const from = types.findIndex(
      (type, i) => type.name === first && (second === undefined || types[i + 1]?.name === second),
    )
    const names = second === undefined ? ['another'] : [second, first]
    for (const [i, other] of names.entries()) Object.assign(types[from + i] ?? {}, { name: other })
    if (from >= 0) return run
  }
  throw new Error(`${name} does not ask for ${[first, second].filter(Boolean).join(', then ')}`)
}

/** File → `ok` or what is wrong. */
async function replay(workflowBundle: Bundle, runs: Kept[]): Promise<Record<string, string>> {
  const results: Record<string, string> = {}
  const left = runs.map(({ file }) => file)
  for await (const { error } of Worker.runReplayHistories({ workflowBundle }, runs)) {
    // One after another, in this order.
    results[left.shift() ?? ''] = error ? `${error.name}: ${error.message}` : 'ok'
  }
  return results
}
