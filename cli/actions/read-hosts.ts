import { skewText } from '../../domain/skew-text.ts'
import { allHosts } from '../client/all-hosts.ts'
import type { HostView, Journal, JournalEvent } from '../client/answers.ts'
import { apiClient } from '../client/api.ts'
import type { ApiOptions } from '../commands/common.ts'
import type { HostListOptions, JournalOptions } from '../commands/hosts.ts'
import { hostTable } from '../host-table.ts'
import { age, paint, printFacts, printJson, printTable } from '../output.ts'

/** Events below a shown host. */
const LAST_EVENTS = 12

export async function listHosts(options: HostListOptions): Promise<void> {
  const hosts = await allHosts(apiClient(options), options)
  if (options.json) printJson({ hosts })
  else console.log(hostTable(hosts, Date.now()))
}

export async function showHost(id: string, options: ApiOptions): Promise<void> {
  const api = apiClient(options)
  const host = await api.get<HostView>(`/v1/hosts/${id}`)
  if (options.json) return printJson(host)
  const { events } = await api.get<Journal>(`/v1/hosts/${id}/journal?limit=${LAST_EVENTS}`)
  const now = Date.now()
  const since = (at: string | undefined) => at && `${at} (${relative(Date.parse(at), now)})`
  printFacts({
    host: host.host,
    phase: `${host.phase}${host.wish ? `, to ${host.wish}` : ''}`,
    why: host.reason || undefined,
    since: since(host.phaseSince),
    'last failure': host.failure,
    attempt: `${host.attempt} of generation ${host.generation}`,
    instance: host.instanceId,
    where: host.zone && `${host.instanceType ?? ''} in ${host.zone}`,
    address: host.privateIp && `${host.privateIp}${host.mac ? `, ${host.mac}` : ''}`,
    image: host.imageId,
    launched: since(host.launchedAt),
    'boot deadline': host.phase === 'booting' ? since(host.bootDeadline) : undefined,
    'waits until': since(host.waitUntil),
    ready: since(host.readyAt),
    'last beat': host.liveness === 'none' ? 'never: known by its address only' : since(host.lastBeatAt),
    clock: host.clockSkewMs === undefined ? undefined : skewText(host.clockSkewMs),
    workload: host.workload,
    machine: machineOf(host),
    'in Temporal': host.links.temporal,
  })
  console.log('')
  printEvents(events.toReversed())
}

export async function showJournal(id: string, options: JournalOptions): Promise<void> {
  const query = new URLSearchParams({
    limit: String(options.limit),
    ...(options.generation !== undefined && { generation: options.generation }),
  })
  const journal = await apiClient(options).get<Journal>(`/v1/hosts/${id}/journal?${query.toString()}`)
  const events = journal.events.toReversed()
  if (options.json) printJson({ events })
  else printEvents(events)
}

function printEvents(events: JournalEvent[]): void {
  if (events.length === 0) return console.log('nothing has happened yet')
  printTable(
    ['recorded', 'attempt', 'event', 'what happened'],
    events.map(({ recordedAt, attempt, kind, text }) => [
      recordedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'),
      String(attempt),
      paint('dim', kind),
      text,
    ]),
  )
}

function machineOf({ facts, load }: HostView): string | undefined {
  if (!facts) return undefined
  const { cpu, memoryBytes, os, agentVersion } = facts
  const physical = cpu.physical === undefined ? '' : ` (${cpu.physical} physical)`
  const gib = (memoryBytes / 1024 ** 3).toFixed(1)
  const busy = load === undefined ? '' : `, load ${load.toFixed(2)}`
  return `${cpu.logical} CPUs${physical}, ${gib} GiB, ${os.platform} ${os.release}, agent ${agentVersion}${busy}`
}

const relative = (at: number, now: number): string =>
  at > now ? `in ${age(now, at)}` : `${age(at, now)} ago`
