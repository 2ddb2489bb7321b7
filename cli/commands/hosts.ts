import { Client, Connection } from '@temporalio/client'
import { Command, InvalidArgumentError } from 'commander'
import { MusterError } from '../../domain/errors.ts'
import { isHostId, parseHostId } from '../../domain/ids.ts'
import { apiClient } from '../client/api.ts'
import { age, printJson, printTable } from '../output.ts'
import { runningStack } from '../stack/remembered.ts'
import { fastForward } from '../time/fast-forward.ts'
import { withApi, withWhy, type ApiOptions } from './common.ts'

/** What the API tells of a host in a list. */
interface HostLine {
  host: string
  phase: string
  phaseAt: string
  attempt: number
  instanceId?: string
  zone?: string
  instanceType?: string
  privateIp?: string
  reason: string
}

interface ListOptions extends ApiOptions {
  fleet?: string
  phase?: string
  search?: string
}

/** Lists hosts and asks things of single ones. */
export function hostsCommand(): Command {
  const list = withApi(new Command('hosts'))
    .description('list hosts, or ask something of one')
    .option('--fleet <name>')
    .option('--phase <phase>', 'waiting, launching, booting, ready, silent, draining, deleting or retired')
    .option('--search <text>', 'in id, instance, address, zone, type or reason')
    .action(listHosts)
  list.addCommand(
    withApi(
      new Command('show').description('one host, whole').argument('<host>', 'like demo/00002', host),
    ).action(showHost),
  )
  for (const [name, about] of ASKS) {
    const command = withWhy(
      withApi(new Command(name).description(about).argument('<host>', 'like demo/00002', host)),
    )
    list.addCommand(
      command.action((id: string, _: unknown, self: Command) => ask(name, id, self.optsWithGlobals())),
    )
  }
  list.addCommand(
    new Command('fast-forward')
      .description('dev only: skip the rest of a booting host’s deadline')
      .argument('<host>', 'like demo/00002', host)
      .action(skip),
  )
  return list
}

const ASKS = [
  ['drain', 'no new work, wait for the workload to end, then a new instance'],
  ['replace', 'drain, then a new instance'],
  ['retire', 'drain, delete and end the host; its fleet makes a new one if it still wants one'],
] as const

function host(value: string): string {
  if (!isHostId(value)) throw new InvalidArgumentError('a host id looks like demo/00002')
  return value
}

async function listHosts(_: unknown, self: Command): Promise<void> {
  const options: ListOptions = self.opts()
  const query = new URLSearchParams()
  for (const name of ['fleet', 'phase', 'search'] as const) if (options[name]) query.set(name, options[name])
  const { hosts } = await apiClient(options).get<{ hosts: HostLine[] }>(`/v1/hosts?${query.toString()}`)
  if (options.json) return printJson({ hosts })
  if (hosts.length === 0) return console.log('no hosts')
  const now = Date.now()
  printTable(
    ['host', 'phase', 'for', 'attempt', 'instance', 'where', 'address', 'reason'],
    hosts.map((row) => [
      row.host,
      row.phase,
      age(Date.parse(row.phaseAt), now),
      String(row.attempt),
      row.instanceId ?? '–',
      row.zone ? `${row.instanceType} in ${row.zone}` : '–',
      row.privateIp ?? '–',
      row.reason,
    ]),
  )
}

async function showHost(id: string, _: unknown, self: Command): Promise<void> {
  const options: ApiOptions = self.optsWithGlobals()
  const found = await apiClient(options).get<Record<string, unknown>>(`/v1/hosts/${id}`)
  if (options.json) return printJson(found)
  printTable(
    ['what', 'value'],
    Object.entries(found).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
}

async function ask(what: string, id: string, options: ApiOptions & { why: string }): Promise<void> {
  const answer = await apiClient(options).post<{ phase: string }>(`/v1/hosts/${id}/${what}`, {
    why: options.why,
  })
  if (options.json) return printJson(answer)
  console.log(`${id}: ${what} asked; it is ${answer.phase}`)
}

async function skip(id: string): Promise<void> {
  parseHostId(id)
  const running = runningStack()
  if (!running)
    throw new MusterError(
      'bad_config',
      'no stack runs on this machine: fast-forward is for `npm start` alone',
    )
  const connection = await Connection.connect({ address: running.temporal })
  try {
    const skippedMs = await fastForward(new Client({ connection, namespace: running.namespace }), id)
    console.log(`${id}: ${Math.round(skippedMs / 1000)} s skipped; its boot deadline passes now`)
  } finally {
    await connection.close()
  }
}
