import type { ScheduleFieldChange, SchedulePlan } from '../../domain/schedules/plan.ts'
import { actionWords } from '../../domain/schedules/actions.ts'
import { durationText } from '../../domain/config/duration.ts'
import { paint } from '../output.ts'
import type { FleetChange } from '../stack/fleets.ts'
import type { DroppedFleet } from './empty-dropped.ts'

/** What became, or would become, of one schedule. */
export interface ScheduleChange {
  schedule: string
  outcome: 'created' | 'changed' | 'unchanged' | 'deleted'
  /** `0 0 20 * * * Asia/Shanghai: scale fleet render to 40 hosts`; of those that are in the config. */
  what?: string
  changes: ScheduleFieldChange[]
}

export interface Applied {
  dryRun: boolean
  fleets: FleetChange[]
  /** Fleets that the config does not name, and whose hosts are therefore retired. */
  emptied: DroppedFleet[]
  /** Fleets that have hosts, that the config does not name, and that keep running. */
  notInConfig: string[]
  schedules: ScheduleChange[]
  /** What a person was to agree to. */
  doubts: string[]
  warnings: string[]
}

export function scheduleChanges(plan: SchedulePlan): ScheduleChange[] {
  const changes: ScheduleChange[] = [
    ...plan.create.map(({ name, input }) => ({
      schedule: name,
      outcome: 'created' as const,
      what: `${input.expression} ${input.timezone}: ${actionWords(input.do)}`,
      changes: [],
    })),
    ...plan.update.map(({ name, input, changes: fields }) => ({
      schedule: name,
      outcome: 'changed' as const,
      what: `${input.expression} ${input.timezone}: ${actionWords(input.do)}`,
      changes: fields,
    })),
    ...plan.unchanged.map((schedule) => ({ schedule, outcome: 'unchanged' as const, changes: [] })),
    ...plan.delete.map((schedule) => ({ schedule, outcome: 'deleted' as const, changes: [] })),
  ]
  return changes.toSorted((a, b) => (a.schedule < b.schedule ? -1 : 1))
}

/** For people, as a diff: `+` new, `~` changed, `-` gone. */
export function printApplied(applied: Applied): void {
  const { dryRun, fleets, schedules, doubts, warnings } = applied
  if (fleets.length === 0) console.log('the config names no fleets')
  for (const change of fleets) {
    console.log(fleetLine(change, dryRun))
    for (const { field, from, to } of change.changes) console.log(`    ${field}: ${text(from)} → ${text(to)}`)
    if (change.configSize !== undefined) {
      console.log(`    its size stays ${change.size}; the config says ${change.configSize}: --size sets it`)
    }
  }
  printDropped(applied)
  for (const change of schedules) {
    console.log(scheduleLine(change, dryRun))
    for (const { field, from, to } of change.changes) {
      console.log(`    ${field}: ${fieldText(field, from)} → ${fieldText(field, to)}`)
    }
  }
  printAll('warning', warnings)
  printAll('asks first', dryRun ? doubts : [])
  const isAsWished = [...fleets, ...schedules].every(({ outcome }) => outcome === 'unchanged')
  if (isAsWished && applied.emptied.length === 0) return console.log('nothing to do')
  if (dryRun) console.log('nothing was changed: this was a dry run')
}

function printAll(what: string, lines: readonly string[]): void {
  for (const line of lines) console.log(`${paint('yellow', what)}  ${line}`)
}

function printDropped({ dryRun, emptied, notInConfig }: Applied): void {
  for (const name of notInConfig)
    console.log(`  fleet ${name}: not in the config, goes on as it is; --prune retires its hosts`)
  for (const { fleet, size } of emptied) {
    const would = dryRun ? 'would be' : 'are'
    console.log(paint('red', `- fleet ${fleet}: not in the config, its ${size} hosts ${would} retired`))
  }
}

function fleetLine(change: FleetChange, dryRun: boolean): string {
  const { fleet, outcome, size } = change
  const would = dryRun ? 'would be ' : ''
  switch (outcome) {
    case 'started':
      return paint('green', `+ fleet ${fleet}: ${would}started with ${size} hosts`)
    case 'changed':
      return paint('yellow', `~ fleet ${fleet}: ${would}changed; ${size} hosts wanted${specEffect(change)}`)
    case 'kept':
      return `  fleet ${fleet}: goes on as it is; nobody has agreed to the change`
    case 'unchanged':
      return `  fleet ${fleet}: as it should be; ${size} hosts wanted`
    default:
      return outcome satisfies never
  }
}

function specEffect({ hasNewSpec, rolls }: FleetChange): string {
  if (!hasNewSpec) return ''
  return rolls
    ? '; hosts with another spec are replaced in turn'
    : '; the new spec takes effect with each host’s next launch'
}

const MARKS = {
  created: ['+', 'green'],
  changed: ['~', 'yellow'],
  deleted: ['-', 'red'],
} as const

function scheduleLine({ schedule, outcome, what }: ScheduleChange, dryRun: boolean): string {
  if (outcome === 'unchanged') return `  schedule ${schedule}: as it should be`
  const [mark, colour] = MARKS[outcome]
  const would = dryRun ? 'would be ' : ''
  const more = what === undefined ? '' : `; ${what}`
  return paint(colour, `${mark} schedule ${schedule}: ${would}${outcome}${more}`)
}

const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))

const DURATIONS: ReadonlySet<string> = new Set(['catchUp', 'jitter'])

const fieldText = (field: string, value: unknown): string =>
  DURATIONS.has(field) && typeof value === 'number' ? durationText(value) : text(value)
