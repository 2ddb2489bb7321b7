import { MusterError } from '../../domain/errors.ts'
import { watchActivityId } from '../../domain/ids.ts'
import type { Bench, BenchContext, Finding } from '../row.ts'
import { onGround, type Ground } from '../support/ground.ts'
import { eventTypes, total } from '../support/history.ts'
import { benchHost, hostInput, readyState, startHost } from '../support/hosts.ts'
import { startLives } from '../support/lives.ts'
import { waitFor } from '../../cli/wait-for.ts'

const BUDGET = 64

/** The events of one whole life with its drain, and what heartbeats add to those of a ready host. */
export const historyEvents: Bench = {
  id: 'history-events',
  about: 'events of a life, launch to retired',
  run,
}

async function run(context: BenchContext): Promise<Finding> {
  return await onGround(context, async (ground) => {
    const lives = await startLives(context, ground)
    const { client } = ground.temporal
    const counted = async (kind: 'host' | 'bare' | 'plain') =>
      await eventTypes(client, (await lives.live(kind, 1)).workflowId)
    const host = await counted('host')
    mustBeTheSame(host, await counted('plain'))
    const bare = total(await counted('bare'))
    const beats = context.counts.historyBeats
    const added = await addedByBeats(ground, beats)
    const events = total(host)
    return {
      value: events,
      unit: 'events',
      against: `a bare workflow ${bare}; ${beats} heartbeats add ${added}`,
      ratio: Number((events / bare).toPrecision(3)),
      budget: `≤ ${BUDGET}, heartbeats 0`,
      met: events <= BUDGET && added === 0,
    }
  })
}

/** The rival of `lives` must not fall behind what hosts do. */
function mustBeTheSame(host: Map<string, number>, plain: Map<string, number>): void {
  const types = [...new Set([...host.keys(), ...plain.keys()])]
  const differing = types.filter((type) => host.get(type) !== plain.get(type))
  if (differing.length === 0) return
  const list = differing.map(
    (type) => `type ${type}: host ${host.get(type) ?? 0}, plain ${plain.get(type) ?? 0}`,
  )
  throw new MusterError(
    'internal',
    `bench/workflows/plain.ts no longer issues the commands of a host (${list.join('; ')}): change it as the host has changed`,
  )
}

async function addedByBeats(ground: Ground, beats: number): Promise<number> {
  const { client } = ground.temporal
  const host = benchHost(2)
  const input = hostInput(ground, host)
  const carried = readyState(input)
  const { workflowId } = await startHost(ground, { ...input, carried })
  const activityId = watchActivityId(carried.generation, 1)
  const beat = () => client.activity.heartbeat({ workflowId, activityId }, { seq: 1 })
  await waitFor('the host to be watched', () =>
    beat().then(
      () => true,
      () => false,
    ),
  )
  const before = total(await eventTypes(client, workflowId))
  for (let n = 0; n < beats; n += 1) await beat()
  return total(await eventTypes(client, workflowId)) - before
}
