import { join } from 'node:path'
import { watchActivityId } from '../../domain/ids.ts'
import { openStore } from '../../store/index.ts'
import { median, medianRatio, rounded } from '../numbers.ts'
import type { ApiRoleOptions } from '../roles/api.ts'
import type { QuickWorkerOptions } from '../roles/quick-worker.ts'
import type { RawBeats } from '../roles/raw-beats.ts'
import type { Bench, BenchContext, Finding } from '../row.ts'
import { keptConnections, post, tokenOf } from '../support/agents.ts'
import { quickBundle } from '../support/bundles.ts'
import { startChild, type Child } from '../support/child.ts'
import { onGround, type Ground } from '../support/ground.ts'
import { readyState } from '../support/hosts.ts'
import { inFlight, numbersFrom } from '../support/pool.ts'
import { prepareHosts, PREPARED_EVENTS, type PreparedHost } from '../support/prepared-hosts.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'

const SHARE = 0.6

/** What a beat costs the API besides the call to Temporal that it is made of. */
export const heartbeats: Bench = { id: 'heartbeats', about: 'beats per CPU second of the API', run }

async function run(context: BenchContext): Promise<Finding> {
  const { rounds } = context.counts.beats
  const api: number[] = []
  const raw: number[] = []
  await onGround(context, async (ground) => {
    const sides = await bringUp(context, ground)
    for (let n = 0; n <= rounds; n += 1) {
      const [throughApi, direct] = [await sides.api(), await sides.raw()]
      if (n === 0) continue // nothing is warm yet
      api.push(throughApi)
      raw.push(direct)
      context.say(
        `heartbeats: round ${n} of ${rounds}: API ${rounded(throughApi)}, raw ${rounded(direct)} per CPU s`,
      )
    }
  })
  const ratio = medianRatio(api, raw)
  return {
    value: rounded(median(api)),
    unit: 'beats/CPU s',
    against: `the raw client call ${rounded(median(raw))}`,
    ratio: rounded(ratio),
    budget: `≥ ${SHARE} × raw`,
    met: ratio >= SHARE,
  }
}

async function bringUp(context: BenchContext, ground: Ground) {
  const { temporal, folder, cleanup } = ground
  const { address } = temporal
  const { hosts, perRound, inFlight: atOnce } = context.counts.beats
  const storeFile = join(folder, 'muster.db')
  const store = await openStore({ file: storeFile })
  cleanup.add('store', () => store.close())
  const codePath = await quickBundle('hosts', folder)
  const worker: QuickWorkerOptions = { address, codePath, queue: MUSTER_QUEUE, prefix: '' }
  await startChild({ context, role: 'quickWorker', options: worker }, cleanup)
  const options: ApiRoleOptions = { address, storeFile }
  const api = await startChild({ context, role: 'api', options }, cleanup)
  const raw = await startChild({ context, role: 'rawBeats', options: { address } }, cleanup)
  const prepared = await prepareHosts(ground, {
    first: 1,
    count: hosts,
    carried: readyState,
    store,
    settledAt: PREPARED_EVENTS,
  })
  const beaters = Array.from({ length: perRound }, (_, index) => prepared[index % prepared.length]).filter(
    (one) => one !== undefined,
  )
  const ids = beaters.map(({ workflowId, key }) => ({
    workflowId,
    activityId: watchActivityId(key.generation, key.attempt),
  }))
  const asked: RawBeats = { ids, atOnce }
  const first: RawBeats = { ids: ids.slice(0, hosts), atOnce }
  await waitFor('all hosts to be watched', () =>
    raw.ask('beat', first).then(
      () => true,
      () => false,
    ),
  )
  const url = `${await api.ask<string>('url')}/v1/agent/heartbeat`
  return {
    api: () => beatsPerCpuSecond(api, perRound, () => beatThroughApi(url, beaters, atOnce)),
    raw: () => beatsPerCpuSecond(raw, perRound, () => raw.ask('beat', asked)),
  }
}

async function beatsPerCpuSecond(child: Child, beats: number, send: () => Promise<unknown>): Promise<number> {
  const before = await child.usage()
  await send()
  const after = await child.usage()
  return (beats * 1_000) / (after.cpuMs - before.cpuMs)
}

const connections = keptConnections()

async function beatThroughApi(url: string, beaters: PreparedHost[], atOnce: number): Promise<void> {
  const tokens = new Map(beaters.map(({ workflowId, key }) => [workflowId, tokenOf(key)]))
  const bootId = '3b2a1c0d-9e8f-4a7b-8c6d-5e4f3a2b1c0d'
  await inFlight(numbersFrom(1, beaters.length), atOnce, async (seq) => {
    const token = tokens.get(beaters[seq - 1]?.workflowId ?? '') ?? ''
    const body = { bootId, seq, workload: { state: 'none', restarts: 0 }, load: 0.1 }
    const status = await post({ url, token, body, connections })
    if (status !== 200) throw new Error(`a beat was answered ${status}`)
  })
}
