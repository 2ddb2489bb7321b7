import { fleetWorkflowId } from '../../domain/ids.ts'
import { MAX_IDS } from '../../activities/ecs/api.ts'
import { deleteSpacingMs } from '../../activities/ecs/grid.ts'
import { rounded } from '../numbers.ts'
import type { Bench, BenchContext, Row } from '../row.ts'
import { bareLives } from '../support/bare-lives.ts'
import type { Child } from '../support/child.ts'
import { FLEET, standFleet, type FleetChange } from '../support/fleet-stage.ts'
import { onGround, type Ground } from '../support/ground.ts'
import { runHistories, type RunHistory } from '../support/history.ts'
import { numbersFrom } from '../support/pool.ts'

/** On top of the slowest boot: between two looks, beats and retries something always waits for its turn. */
const BOOT_FACTOR = 1.1
/** Of a thousand hosts, while they come: as in `ecs-calls`, where deletes are looked at as well. */
const DESCRIBES = 150
/** The server warns from 10,240 on; Muster begins a new run long before. */
const MAX_EVENTS = 2_000
/** A tenth of what the server waits for the answer to a task. */
const MAX_TASK_MS = 1_000
/** One of these stays mute. */
const MUTE_EVERY = 10
const MAX_WORKER_MIB = 512

/** A whole fleet comes, goes, and comes again with a tenth of its hosts mute. */
export const fleet: Bench = { id: 'fleet', about: 'a fleet from nothing to all ready, and back', run }

async function run(context: BenchContext): Promise<Row[]> {
  const { hosts } = context.counts.fleet
  const bareMs = await bareLives(context, hosts)
  context.say(`fleet: ${hosts} bare workflows: ${seconds(bareMs)}`)
  const plain = await onGround(context, (ground) => upAndDown(context, ground))
  const mute = await onGround(context, (ground) => upWithMute(context, ground))
  return [
    upRow(context, plain, bareMs),
    callsRow(context, plain.calls),
    downRow(context, plain, bareMs),
    historyRow(plain),
    memoryRow(context, plain),
    muteRow(context, mute, bareMs),
  ]
}

interface Plain {
  up: FleetChange
  calls: Record<string, number>
  rss: { before: number; after: number }
  down: FleetChange
  deletes: number
  runs: RunHistory[]
}

async function upAndDown(context: BenchContext, ground: Ground): Promise<Plain> {
  const stage = await standFleet(context, ground)
  const before = await rssMiB(stage.worker)
  stage.newCalls()
  const up = await stage.resize(context.counts.fleet.hosts)
  const calls = stage.newCalls()
  context.say(`fleet: all ready after ${seconds(up.tookMs)}: ${words(calls)}`)
  const after = await rssMiB(stage.worker)
  const down = await stage.resize(0)
  const { DeleteInstances = 0, DeleteInstance = 0 } = stage.newCalls()
  context.say(`fleet: all gone after ${seconds(down.tookMs)}`)
  const runs = await runHistories(ground.temporal.client, fleetWorkflowId(FLEET))
  return { up, calls, rss: { before, after }, down, deletes: DeleteInstances + DeleteInstance, runs }
}

interface Muted {
  up: FleetChange
  calls: Record<string, number>
  mute: number
  holds: number
}

async function upWithMute(context: BenchContext, ground: Ground): Promise<Muted> {
  const { hosts, mute } = context.counts.fleet
  const silent = numbersFrom(1, hosts).filter((slot) => slot % MUTE_EVERY === 1)
  const { bootTimeoutMs, backoffMs } = mute
  const spec = { bootTimeoutMs, backoff: { initialMs: backoffMs, maxMs: 600_000 } }
  const stage = await standFleet(context, ground, { spec, mute: silent })
  const up = await stage.resize(hosts)
  const holds = await stage.store.holds.list({ includeClosed: true, limit: 1_000 }, Date.now())
  context.say(`fleet: all ready after ${seconds(up.tookMs)} with ${silent.length} mute at first`)
  return { up, calls: stage.newCalls(), mute: silent.length, holds: holds.length }
}

function upRow({ counts }: BenchContext, { up }: Plain, bareMs: number): Row {
  const { hosts } = counts.fleet
  const floorMs = up.slowestBootMs * BOOT_FACTOR + bareMs
  return {
    id: 'fleet-up',
    value: inSeconds(up.tookMs),
    unit: 's',
    against: `${seconds(floorMs)}: slowest boot ${seconds(up.slowestBootMs)} × ${BOOT_FACTOR} + ${hosts} bare workflows ${seconds(bareMs)}; the last launch after ${seconds(up.lastLaunchMs)}`,
    ratio: rounded(up.tookMs / floorMs),
    budget: `≤ slowest boot × ${BOOT_FACTOR} + ${hosts} bare workflows`,
    met: up.tookMs <= floorMs,
  }
}

function callsRow({ counts }: BenchContext, calls: Record<string, number>): Row {
  const { hosts } = counts.fleet
  const { RunInstances = 0, DescribeInstances = 0 } = calls
  const least = 2 * hosts + Math.ceil(hosts / MAX_IDS)
  const sum = Object.values(calls).reduce((all, count) => all + count, 0)
  return {
    id: 'fleet-calls',
    value: sum,
    unit: 'calls',
    against: `the least there can be ${least}: ${words(calls)}`,
    ratio: rounded(sum / least),
    budget: `≤ ${hosts} RunInstances, ≤ ${DESCRIBES} describes`,
    met: RunInstances <= hosts && DescribeInstances <= DESCRIBES,
  }
}

/** An agent hears of the drain with its next beat, deletes go one call after another, and a look says that all are gone. */
function downRow({ counts }: BenchContext, { down, deletes }: Plain, bareMs: number): Row {
  const { hosts, heartbeatSeconds, gridMs } = counts.fleet
  const leastDeletes = Math.ceil(hosts / MAX_IDS)
  const floorMs = heartbeatSeconds * 1_000 + deleteSpacingMs(gridMs) * leastDeletes + gridMs + bareMs
  return {
    id: 'fleet-down',
    value: inSeconds(down.tookMs),
    unit: 's',
    against: `${seconds(floorMs)}: one beat ${heartbeatSeconds} s + ${leastDeletes} deletes, ${seconds(deleteSpacingMs(gridMs))} each + a look ${seconds(gridMs)} + ${hosts} bare workflows ${seconds(bareMs)}; DeleteInstances ${deletes}`,
    ratio: rounded(down.tookMs / floorMs),
    budget: '≤ 1.5 × that',
    met: down.tookMs <= 1.5 * floorMs,
  }
}

function historyRow({ runs }: Plain): Row {
  const longest = Math.max(...runs.map(({ events }) => events))
  const taskMs = Math.max(...runs.flatMap((oneRun) => oneRun.taskMs))
  return {
    id: 'fleet-history',
    value: longest,
    unit: 'events',
    against: `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${runs.reduce((sum, { events }) => sum + events, 0)} events in all; longest workflow task ${rounded(taskMs)} ms`,
    ratio: null,
    budget: `≤ ${MAX_EVENTS} events a run, ≤ ${MAX_TASK_MS} ms a task`,
    met: longest <= MAX_EVENTS && taskMs <= MAX_TASK_MS,
  }
}

function memoryRow({ counts }: BenchContext, { rss: { before, after } }: Plain): Row {
  return {
    id: 'fleet-memory',
    value: Math.round(after),
    unit: 'MiB',
    against: `the same worker with a fleet of 0 hosts ${Math.round(before)} MiB; ${counts.fleet.hosts} hosts just became ready`,
    ratio: rounded(after / before),
    budget: `≤ ${MAX_WORKER_MIB} MiB`,
    met: after <= MAX_WORKER_MIB,
  }
}

function muteRow({ counts }: BenchContext, { up, calls, mute, holds }: Muted, bareMs: number): Row {
  const { mute: muteCounts, gridMs } = counts.fleet
  const { bootTimeoutMs, backoffMs } = muteCounts
  const floorMs = bootTimeoutMs + gridMs + backoffMs + up.slowestBootMs * BOOT_FACTOR + bareMs
  return {
    id: 'fleet-mute',
    value: inSeconds(up.tookMs),
    unit: 's',
    against: `${seconds(floorMs)}: boot timeout ${seconds(bootTimeoutMs)} + a look after the delete ${seconds(gridMs)} + back-off ${seconds(backoffMs)} + slowest boot ${seconds(up.slowestBootMs)} × ${BOOT_FACTOR} + bare workflows; ${mute} mute at first, ${holds} holds of the breaker, ${words(calls)}`,
    ratio: rounded(up.tookMs / floorMs),
    budget: '≤ that',
    met: up.tookMs <= floorMs,
  }
}

const rssMiB = async (worker: Child): Promise<number> => (await worker.usage()).rssBytes / 2 ** 20

const inSeconds = (ms: number): number => rounded(Number((ms / 1_000).toFixed(1)))
const seconds = (ms: number): string => `${inSeconds(ms)} s`

const words = (calls: Record<string, number>): string =>
  Object.entries(calls)
    .map(([action, count]) => `${action} ${count}`)
    .join(', ')
