import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { historyToJSON, type History } from '@temporalio/common/lib/proto-utils.js'
import { createWorld, type World } from '../support/world.ts'
import { SCENARIOS } from './scenarios.ts'
import { NEW_RUN_AFTER } from './steps.ts'

export const FOLDER = join(import.meta.dirname, 'stored')
/** One run of a workflow, as it is kept. */
export interface StoredHistory {
  workflowId: string
  history: unknown
}

/**
 * Plays scenarios anew and keeps the histories of all their runs; what was kept of them before goes.
 * @param only names of scenarios, else all of them
 */
export async function record(only: string[]): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  const isWanted = (name: string) => only.length === 0 || only.includes(name)
  for (const file of readdirSync(FOLDER)) {
    if (isWanted(file.replace(/(-\d+)?\.json$/, ''))) rmSync(join(FOLDER, file))
  }
  const world = await createWorld({
    server: 'dev',
    agents: 'none',
    suggestNewRunAfter: NEW_RUN_AFTER,
    checkEveryMs: 500,
    fleetLookEveryMs: 500,
  })
  try {
    for (const [name, play] of Object.entries(SCENARIOS)) {
      if (isWanted(name)) await keep(world, name, await play(world))
    }
  } finally {
    await world.close()
  }
}

async function keep(world: World, name: string, workflowId: string): Promise<void> {
  const runs = await runsOf(world, workflowId)
  for (const [i, history] of runs.entries()) {
    const file = runs.length === 1 ? `${name}.json` : `${name}-${i + 1}.json`
    writeFileSync(join(FOLDER, file), asFile(workflowId, anonymous(historyToJSON(history))))
  }
}

/** An event a line: small, and a difference can be seen. */
function asFile(workflowId: string, json: string): string {
  const { events } = JSON.parse(json) as { events: unknown[] }
  const lines = events.map((event) => JSON.stringify(event)).join(',\n')
  return `{"workflowId":${JSON.stringify(workflowId)},"history":{"events":[\n${lines}\n]}}\n`
}

/** Every run, the first one first: each names the one that follows it. */
async function runsOf({ client }: World, workflowId: string): Promise<History[]> {
  const runs: History[] = []
  let runId: string | undefined =
    (await client.workflow.getHandle(workflowId).describe()).raw.workflowExecutionInfo?.firstRunId ??
    undefined
  while (runId) {
    const history: History = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    runs.push(history)
    const last = history.events?.at(-1)
    runId = last?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined
  }
  return runs
}

/**
 * Workers call themselves, and their own queues, by process and machine, and stacks name the folders of that machine: nobody
 * else needs to know.
 */
function anonymous(json: string): string {
  return JSON.stringify(JSON.parse(json), (key, value: unknown) => {
    if (key === 'stackTrace') return ''
    const isMachine = typeof value === 'string' && value.includes(`${process.pid}@${hostname()}`)
    return isMachine && (key === 'identity' || key === 'name') ? 'worker@tests' : value
  })
}
