import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { HOST_SIGNALS } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import { openStore } from '../../store/index.ts'
import { median, medianRatio, percentile, rounded } from '../numbers.ts'
import type { ApiRoleOptions } from '../roles/api.ts'
import type { QuickWorkerOptions } from '../roles/quick-worker.ts'
import type { Bench, BenchContext, Finding } from '../row.ts'
import { post, tokenOf } from '../support/agents.ts'
import { quickBundle } from '../support/bundles.ts'
import { startChild } from '../support/child.ts'
import { onGround, type Ground } from '../support/ground.ts'
import { bootingState, facts, instanceIdOf, startedSignal } from '../support/hosts.ts'
import { settled, prepareHosts, PREPARED_EVENTS, type PreparedHost } from '../support/prepared-hosts.ts'

const FACTOR = 1.5
const MAX_TRIES = 10
const FIRST_RETRY_MS = 500
const BOOT_MS = 20 * 60_000
/** Start, first task, timer; the signal's task with its two commands; the welcome and its task with the watch. */
const WATCHED_EVENTS = 19

/** How long agents wait for the answer to `started` when a whole fleet comes up at once. */
export const startedAnswer: Bench = {
  id: 'started-answer',
  about: 'answer to started, all at once, p99',
  run,
}

async function run(context: BenchContext): Promise<Finding> {
  const { hosts, rounds } = context.counts.started
  const api: number[] = []
  const raw: number[] = []
  await onGround(context, async (ground) => {
    const sides = await bringUp(context, ground, hosts)
    for (let n = 0; n <= rounds; n += 1) {
      const throughApi = percentile(await sides.api(), 0.99)
      const direct = percentile(await sides.raw(), 0.99)
      if (n === 0) continue // nothing is warm yet
      api.push(throughApi)
      raw.push(direct)
      context.say(
        `started-answer: round ${n} of ${rounds}: API ${rounded(throughApi)} ms, raw ${rounded(direct)} ms`,
      )
    }
  })
  const ratio = medianRatio(api, raw)
  return {
    value: rounded(median(api)),
    unit: 'ms p99',
    against: `${hosts} raw signals ${rounded(median(raw))} ms`,
    ratio: rounded(ratio),
    budget: `≤ ${FACTOR} × raw`,
    met: ratio <= FACTOR,
  }
}

async function bringUp(context: BenchContext, ground: Ground, hosts: number) {
  const { temporal, folder, cleanup } = ground
  const { address } = temporal
  const storeFile = join(folder, 'muster.db')
  const store = await openStore({ file: storeFile })
  cleanup.add('store', () => store.close())
  const codePath = await quickBundle('hosts', folder)
  const worker: QuickWorkerOptions = { address, codePath, queue: MUSTER_QUEUE, prefix: '' }
  await startChild({ context, role: 'quickWorker', options: worker }, cleanup)
  const options: ApiRoleOptions = { address, storeFile }
  const api = await startChild({ context, role: 'api', options }, cleanup)
  const url = `${await api.ask<string>('url')}/v1/agent/started`
  let first = 1
  const booting = async (): Promise<PreparedHost[]> => {
    const prepared = await prepareHosts(ground, {
      first,
      count: hosts,
      carried: (input) => bootingState(input, Date.now() + BOOT_MS, instanceIdOf(input.host)),
      store,
      settledAt: PREPARED_EVENTS,
    })
    first += hosts
    return prepared
  }
  const measure = async (send: (host: PreparedHost) => Promise<unknown>): Promise<number[]> => {
    const prepared = await booting()
    const tookMs = await Promise.all(prepared.map((host) => timed(() => send(host))))
    // The work that follows must not reach into the next round.
    for (const { workflowId } of prepared) await settled(ground, workflowId, WATCHED_EVENTS)
    return tookMs
  }
  const { client } = temporal
  return {
    api: () => measure((host) => postStarted(url, host)),
    raw: () =>
      measure(({ workflowId, key }) =>
        client.workflow.getHandle(workflowId).signal(HOST_SIGNALS.started, startedSignal(key)),
      ),
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** Each agent has a connection of its own, and asks again after a 503: the answer is the one that lets it go on. */
async function postStarted(url: string, { key }: PreparedHost): Promise<void> {
  const bootId = '3b2a1c0d-9e8f-4a7b-8c6d-5e4f3a2b1c0d'
  const body = { bootId, facts: facts(instanceIdOf(key.host)) }
  const token = tokenOf(key)
  let status = await post({ url, token, body })
  for (let tries = 1; status === 503 && tries < MAX_TRIES; tries += 1) {
    await sleep(Math.random() * FIRST_RETRY_MS * 2 ** tries)
    status = await post({ url, token, body })
  }
  if (status !== 202) throw new Error(`started was answered ${status}`)
}
