import type { FleetAnswer, FleetDetail, FleetList, FleetView } from '../client/answers.ts'
import { apiClient } from '../client/api.ts'
import type { ApiOptions } from '../commands/common.ts'
import type { ChangeOptions } from '../commands/fleets.ts'
import { printFacts, printJson, printTable } from '../output.ts'

export async function listFleets(options: ApiOptions): Promise<void> {
  const { fleets } = await apiClient(options).get<FleetList>('/v1/fleets')
  if (options.json) return printJson({ fleets })
  if (fleets.length === 0) return console.log('no fleets')
  printTable(
    ['fleet', 'wanted', 'hosts', 'spec', '', 'last change'],
    fleets.map((fleet) => [
      fleet.name,
      String(fleet.desired),
      phasesOf(fleet),
      fleet.specHash,
      fleet.paused ? 'paused' : '',
      fleet.note,
    ]),
  )
}

export async function showFleet(name: string, options: ApiOptions): Promise<void> {
  const fleet = await apiClient(options).get<FleetDetail>(`/v1/fleets/${encodeURIComponent(name)}`)
  if (options.json) return printJson(fleet)
  printFacts({
    fleet: fleet.name,
    wanted: `${fleet.desired} hosts${fleet.paused ? ', paused' : ''}`,
    hosts: phasesOf(fleet),
    'last change': `${fleet.note} (${fleet.updatedAt})`,
    'in Temporal': fleet.links.temporal,
    spec: fleet.specHash,
  })
  if (fleet.spec) console.log(`\n${JSON.stringify(fleet.spec, null, 2)}`)
}

export async function changeFleet(
  name: string,
  what: 'resize' | 'pause' | 'resume',
  options: ChangeOptions,
  body: { size?: number } = {},
): Promise<void> {
  const path = `/v1/fleets/${encodeURIComponent(name)}/${what}`
  const answer = await apiClient(options).post<FleetAnswer>(path, { ...body, why: options.why })
  if (options.json) return printJson(answer)
  console.log(`${name}: ${answer.desired} hosts wanted${answer.paused ? ', paused' : ''}`)
}

const phasesOf = ({ phases }: Pick<FleetView, 'phases'>): string =>
  Object.entries(phases)
    .map(([phase, count]) => `${count} ${phase}`)
    .join(', ') || '–'
