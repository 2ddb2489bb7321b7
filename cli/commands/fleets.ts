import { Command, InvalidArgumentError } from 'commander'
import { MAX_FLEET_SIZE } from '../../domain/spec.ts'
import { apiClient } from '../client/api.ts'
import { printJson, printTable } from '../output.ts'
import { withApi, withWhy, type ApiOptions } from './common.ts'

interface FleetLine {
  name: string
  desired: number
  paused: boolean
  counts: Record<string, number>
  note: string
}

/** Lists fleets and changes them. */
export function fleetsCommand(): Command {
  const list = withApi(new Command('fleets')).description('list fleets, or change one').action(listFleets)
  list.addCommand(
    withWhy(withApi(new Command('resize').description('change how many hosts are wanted')))
      .argument('<fleet>')
      .argument('<size>', `0 to ${MAX_FLEET_SIZE}`, size)
      .action((fleet: string, wanted: number, _: unknown, self: Command) =>
        change(fleet, 'resize', self.optsWithGlobals(), { size: wanted }),
      ),
  )
  for (const [name, about] of [
    ['pause', 'start and retire nothing until resumed; running hosts go on'],
    ['resume', 'go on after a pause'],
  ] as const) {
    list.addCommand(
      withWhy(withApi(new Command(name).description(about)))
        .argument('<fleet>')
        .action((fleet: string, _: unknown, self: Command) =>
          change(fleet, name, self.optsWithGlobals(), {}),
        ),
    )
  }
  return list
}

function size(value: string): number {
  const wanted = Number(value)
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > MAX_FLEET_SIZE) {
    throw new InvalidArgumentError(`a whole number from 0 to ${MAX_FLEET_SIZE}`)
  }
  return wanted
}

async function listFleets(_: unknown, self: Command): Promise<void> {
  const options: ApiOptions = self.opts()
  const { fleets } = await apiClient(options).get<{ fleets: FleetLine[] }>('/v1/fleets')
  if (options.json) return printJson({ fleets })
  if (fleets.length === 0) return console.log('no fleets')
  printTable(
    ['fleet', 'wanted', 'hosts', '', 'last change'],
    fleets.map((fleet) => [
      fleet.name,
      String(fleet.desired),
      Object.entries(fleet.counts)
        .map(([phase, count]) => `${count} ${phase}`)
        .join(', ') || '–',
      fleet.paused ? 'paused' : '',
      fleet.note,
    ]),
  )
}

async function change(
  fleet: string,
  what: string,
  options: ApiOptions & { why: string },
  body: object,
): Promise<void> {
  const path = `/v1/fleets/${encodeURIComponent(fleet)}/${what}`
  const answer = await apiClient(options).post<{ desired: number; paused: boolean }>(path, {
    ...body,
    why: options.why,
  })
  if (options.json) return printJson(answer)
  console.log(`${fleet}: ${answer.desired} hosts wanted${answer.paused ? ', paused' : ''}`)
}
