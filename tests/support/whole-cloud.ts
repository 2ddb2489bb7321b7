import { setInterval as ticks } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Emulator } from '../../emulator/index.ts'
import type { HostState } from '../../domain/host/types.ts'
import { hostWorkflowId, type HostId } from '../../domain/ids.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { untilState } from './fleet-of-hosts.ts'
import { journalGaps } from './journal-gaps.ts'
import type { Processes } from './processes.ts'

/** All that is looked at here. */
export interface CloudWorld {
  readonly cloud: { readonly emulator: Emulator }
}

export interface LiveInstance {
  id: string
  host: string
  generation: string
  attempt: number
  releasing: boolean
}

/** What the cloud has now, without those that it is releasing already. */
export const liveInstances = (world: CloudWorld): LiveInstance[] =>
  seen(world).filter(({ releasing }) => !releasing)

function seen(world: CloudWorld): LiveInstance[] {
  return world.cloud.emulator.cloud.instances.newestFirst().map((instance) => ({
    id: instance.instanceId,
    host: instance.tags['muster:host'] ?? '',
    generation: instance.tags['muster:generation'] ?? '',
    attempt: Number(instance.tags['muster:attempt']),
    releasing: instance.releasing,
  }))
}

/**
 * Every host is ready in the end (or has ended), and the cloud has exactly their instances: one each, none that nobody
 * claims.
 */
export async function expectWhole(
  world: Processes,
  hosts: readonly HostId[],
  timeoutMs = 60_000,
  retired: readonly HostId[] = [],
): Promise<HostState[]> {
  const until = performance.now() + timeoutMs
  for (const host of retired) await untilEnded(world, host, until - performance.now())
  const states = await Promise.all(
    hosts.map((host) =>
      untilState(
        world,
        host,
        'ready and watched',
        ({ phase, step }) => phase === 'ready' && step === 'watch',
        until - performance.now(),
      ),
    ),
  )
  const claimed = states.map(({ generation, current }, index) => ({
    id: current.instanceId,
    host: hosts[index],
    generation,
    attempt: current.n,
    releasing: false,
  }))
  const byHost = (a: { host?: string | undefined }, b: { host?: string | undefined }) =>
    (a.host ?? '') < (b.host ?? '') ? -1 : 1
  expect(liveInstances(world).toSorted(byHost)).toEqual(claimed.toSorted(byHost))
  return states
}

async function untilEnded(world: Processes, host: HostId, timeoutMs: number): Promise<void> {
  await waitFor(
    `${host} to have ended`,
    async () => (await world.handle(host).describe()).status.name === 'COMPLETED',
    { timeoutMs },
  )
}

export interface CloudWatch {
  /** Ids ever seen, by `host generation attempt`. */
  made: ReadonlyMap<string, ReadonlySet<string>>
  /** Moments at which one host had two live instances. */
  doubles: readonly string[]
  /** Instances that the cloud has announced to take, from then on until they were gone. */
  announced: ReadonlyMap<string, Span>
  stop(): void
}

/** Instants as of `performance.now()`. */
export interface Span {
  from: number
  until: number
}

/** The instances that one attempt has had, of whatever generation. */
export const idsOf = (made: CloudWatch['made'], host: HostId, attempt: number): string[] =>
  [...made].flatMap(([key, ids]) =>
    key.startsWith(`${host} `) && key.endsWith(` ${attempt}`) ? [...ids] : [],
  )

const LOOK_EVERY_MS = 10

/** Looks at the cloud again and again: what must never be, not even for a moment. */
export function watchCloud(world: CloudWorld): CloudWatch {
  const made = new Map<string, Set<string>>()
  const doubles: string[] = []
  const announced = new Map<string, Span>()
  const stop = new AbortController()
  const look = () => {
    const live = new Map<string, string>()
    for (const { id, host, generation, attempt, releasing } of seen(world)) {
      const key = `${host} ${generation} ${attempt}`
      made.set(key, (made.get(key) ?? new Set()).add(id))
      if (releasing) continue
      const other = live.get(host)
      if (other !== undefined) doubles.push(`${host}: ${other} and ${id}`)
      live.set(host, id)
    }
    const now = performance.now()
    for (const id of announcedNow(world)) {
      announced.set(id, { from: announced.get(id)?.from ?? now, until: now })
    }
  }
  void lookUntilStopped(look, stop.signal)
  return { made, doubles, announced, stop: () => stop.abort() }
}

const announcedNow = ({ cloud }: CloudWorld): string[] =>
  cloud.emulator.cloud.instances
    .newestFirst()
    .filter(({ reclaimAtMs }) => reclaimAtMs !== undefined)
    .map(({ instanceId }) => instanceId)

async function lookUntilStopped(look: () => void, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of ticks(LOOK_EVERY_MS, undefined, { signal })) look()
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** No host ever had two, and every `RunInstances` of an attempt carried one token. */
export function expectOneInstanceAnAttempt(world: Processes, { made, doubles }: CloudWatch): void {
  expect(doubles).toEqual([])
  expect([...made].filter(([, ids]) => ids.size > 1)).toEqual([])
  const tokens = new Map<string, Set<string>>()
  for (const { action, parameters } of world.cloud.emulator.recorder.calls()) {
    if (action !== 'RunInstances') continue
    const name = `${tagOf(parameters, 'muster:host')} ${tagOf(parameters, 'muster:attempt')}`
    tokens.set(name, (tokens.get(name) ?? new Set()).add(parameters['ClientToken'] ?? ''))
  }
  expect([...tokens].filter(([, ofAttempt]) => ofAttempt.size > 1)).toEqual([])
}

/** Tags travel as `Tag.1.Key`, `Tag.1.Value`, … */
function tagOf(parameters: Record<string, string>, key: string): string {
  const name = Object.keys(parameters).find((one) => one.endsWith('.Key') && parameters[one] === key)
  return name === undefined ? '' : (parameters[name.replace(/Key$/, 'Value')] ?? '')
}

/** Every line of a host's story has been written, once. */
export async function expectGaplessJournal(world: Processes, hosts: readonly HostId[]): Promise<void> {
  const lives = hosts.map((host) => ({ host, workflowId: hostWorkflowId(host) }))
  expect(await journalGaps(world, lives)).toEqual([])
}
