import type { BootOutcome } from '../../domain/breaker/settle.ts'
import { DEFAULT_BREAKER_RULES } from '../../domain/breaker/rules.ts'
import type { BreakerRules } from '../../domain/breaker/rules.ts'
import type { AttemptOutcome, HostEvent, HostEventKind, HostRecord } from '../../domain/host/types.ts'
import type { HoldEffect } from '../../store/contract.ts'
import type { HostActivityDeps } from '../deps.ts'

type Deps = Pick<HostActivityDeps, 'store' | 'clock' | 'breaker' | 'log'>

/** The breaker's rules for the hosts of a fleet. */
export const rulesFor = ({ breaker }: Pick<HostActivityDeps, 'breaker'>, fleet: string): BreakerRules =>
  breaker?.(fleet) ?? DEFAULT_BREAKER_RULES

/** The agent has spoken, whatever becomes of the instance next: the boot is a success. Gives the record to write. */
export async function noteReady(deps: Deps, record: HostRecord): Promise<HostRecord> {
  const outcome = outcomeOf(record, 'ready', 'started')
  if (!outcome) return record
  const effects = await noteOutcome(deps, outcome)
  return withEffects(record, 'started', effects)
}

/**
 * For the first activity after the end of an attempt: `ended` still carries the line that says how it ended. A boot
 * that failed is counted; one that was ended for another reason before its agent reported only leaves its probe to
 * others. Returns the record to write, including what this did to holds; repeating the call returns the same.
 */
export async function noteEnd(
  deps: Deps,
  ended: HostRecord,
  record: HostRecord = ended,
): Promise<HostRecord> {
  const line = ended.events.find(({ kind, attempt }) => kind === 'deleting' && attempt === ended.attempt)
  if (!line || ended.readyAt !== undefined) return record
  const outcome = failsBoot(line) ? outcomeOf(ended, 'failed', ended.reason || line.text) : undefined
  if (!outcome) {
    await deps.store.holds.giveUpProbe(ended)
    return record
  }
  return withEffects(record, 'deleting', await noteOutcome(deps, outcome))
}

/** Nothing was heard until the deadline, or the cloud took the instance before: not what people or the stock decided. */
const BOOT_FAILURES: ReadonlySet<unknown> = new Set<AttemptOutcome>(['mute', 'lost'])

const failsBoot = ({ data }: HostEvent): boolean => BOOT_FAILURES.has(data?.['outcome'])

function outcomeOf(
  record: HostRecord,
  outcome: BootOutcome['outcome'],
  why: string,
): BootOutcome | undefined {
  const { host, generation, attempt, region, imageId, fleet, zone, instanceType, launchedAt } = record
  if (zone === undefined || instanceType === undefined || launchedAt === undefined) return undefined
  return { host, generation, attempt, region, imageId, fleet, zone, instanceType, launchedAt, outcome, why }
}

async function noteOutcome(deps: Deps, outcome: BootOutcome): Promise<HoldEffect[]> {
  const { store, clock, log } = deps
  const effects = await store.holds.noteOutcome(outcome, rulesFor(deps, outcome.fleet), clock())
  const { host, attempt, fleet, imageId, zone } = outcome
  for (const { text, hold } of effects) log.warn({ host, attempt, fleet, imageId, zone, hold }, text)
  return effects
}

/** The line that reports the boot's end also says what followed from it. */
function withEffects(record: HostRecord, kind: HostEventKind, effects: HoldEffect[]): HostRecord {
  if (effects.length === 0) return record
  const last = record.events.findLast((event) => event.kind === kind && event.attempt === record.attempt)
  const text = effects.map((effect) => effect.text).join('; ')
  const holds = effects.map((effect) => ({ hold: effect.hold, kind: effect.kind }))
  const events = record.events.map((event) =>
    event === last ? { ...event, text: `${event.text}; ${text}`, data: { ...event.data, holds } } : event,
  )
  return { ...record, events }
}
