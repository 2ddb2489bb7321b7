import { durationText } from '../../domain/config/duration.ts'
import type { Explanation, FleetAnswer, FleetDetail, FleetList, FleetView } from '../client/answers.ts'
import { apiClient } from '../client/api.ts'
import type { ApiOptions } from '../commands/common.ts'
import type { ChangeOptions } from '../commands/fleets.ts'
import { explanationText } from '../explanation-text.ts'
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
      signsOf(fleet),
      fleet.note,
    ]),
  )
}

export async function showFleet(name: string, options: ApiOptions): Promise<void> {
  const fleet = await apiClient(options).get<FleetDetail>(`/v1/fleets/${encodeURIComponent(name)}`)
  if (options.json) return printJson(fleet)
  printFacts({
    fleet: fleet.name,
    wanted: `${fleet.desired} hosts${signsOf(fleet) && `, ${signsOf(fleet)}`}`,
    hosts: phasesOf(fleet),
    'last change': `${fleet.note} (${fleet.updatedAt})`,
    'in Temporal': fleet.links.temporal,
    spec: fleet.specHash,
  })
  if (fleet.spec) console.log(`\n${JSON.stringify(fleet.spec, null, 2)}`)
}

type Change = 'resize' | 'pause' | 'resume' | 'roll' | 'rollback' | 'override-freeze' | 'mark' | 'unmark'

interface ChangeBody {
  size?: number
  force?: boolean
  forMs?: number
  slots?: number[]
}

export async function changeFleet(
  name: string,
  what: Change,
  options: ChangeOptions,
  body: ChangeBody = {},
): Promise<void> {
  const path = `/v1/fleets/${encodeURIComponent(name)}/${what}`
  const answer = await apiClient(options).post<FleetAnswer>(path, { ...body, why: options.why })
  if (options.json) return printJson(answer)
  console.log(
    `${name}: ${doneWords(what, body)}${answer.desired} hosts wanted${answer.paused ? ', paused' : ''}`,
  )
}

/**
 * What the fleet has agreed to comes before its general state: users should not have to guess whether a request was
 * understood.
 */
function doneWords(what: Change, { slots = [], forMs = 0, force }: ChangeBody): string {
  const named = `${slots.length === 1 ? 'slot' : 'slots'} ${slots.join(', ')}`
  const words: Record<Change, string> = {
    resize: '',
    pause: '',
    resume: 'resumed; ',
    roll: `${force === true ? 'all hosts are' : 'hosts of another spec are'} replaced in turn; `,
    rollback: 'goes back to the former spec, hosts of another one are replaced in turn; ',
    'override-freeze': `for ${durationText(forMs)} it acts however many hosts are silent; `,
    mark: `${named} marked to go first; `,
    unmark: `${named} no longer marked; `,
  }
  return words[what]
}

/** Why the fleet is as it is, in words. */
export async function explainFleet(name: string, options: ApiOptions): Promise<void> {
  const told = await apiClient(options).get<Explanation>(`/v1/fleets/${encodeURIComponent(name)}/explain`)
  if (options.json) return printJson(told)
  console.log(explanationText(told))
}

/** `paused, frozen, rollout rolling (3 left)` */
function signsOf({ paused, frozen, rollout }: FleetView): string {
  return [
    paused ? 'paused' : '',
    frozen ? 'frozen' : '',
    rollout && rollout.state !== 'done' ? `rollout ${rollout.state} (${rollout.left} left)` : '',
  ]
    .filter(Boolean)
    .join(', ')
}

const phasesOf = ({ phases }: Pick<FleetView, 'phases'>): string =>
  Object.entries(phases)
    .map(([phase, count]) => `${count} ${phase}`)
    .join(', ') || '–'
