import { MusterError } from '../../domain/errors.ts'
import { createRandom } from '../random.ts'
import type { Random } from '../random.ts'
import { matches } from './match.ts'
import type { FaultSubject } from './match.ts'
import { faultSchema } from './schema.ts'
import type { EffectOf, FaultEffect, FaultInput, FaultSpec } from './schema.ts'

/** Effects on a call, in contrast to those on instances. */
export const CALL_EFFECTS = [
  'error',
  'htmlBody',
  'hang',
  'resetBefore',
  'resetAfter',
  'throttle',
  'delay',
  'stockOut',
] as const
export type CallEffect = EffectOf<(typeof CALL_EFFECTS)[number]>
export type InstanceEffect = Exclude<FaultEffect, CallEffect>

export interface FaultState extends FaultSpec {
  id: string
  seen: number
  fired: number
  spent: boolean
}

export interface Faults {
  /** Adds one fault. Throws a MusterError naming the field when it is not well formed. */
  add(input: FaultInput): FaultState
  remove(id: string): boolean
  clear(): void
  list(): FaultState[]
  /** The first fault that strikes this call. A call about no instance is compared through one empty subject. */
  forCall(
    action: string,
    subjects: readonly FaultSubject[],
  ): (FaultState & { effect: CallEffect }) | undefined
  /** Every effect that strikes this instance; `only` limits the faults asked. */
  forInstance(subject: FaultSubject, only?: string): InstanceEffect[]
}

/** @param seed of faults that bring none of their own. */
export function createFaults(seed: string): Faults {
  const faults = new Map<string, FaultState & { random: Random }>()
  let made = 0

  function strikes(fault: FaultState & { random: Random }, subjects: readonly FaultSubject[]): boolean {
    if (fault.spent || !subjects.some((subject) => matches(fault.match, subject))) return false
    fault.seen += 1
    if (fault.seen <= fault.after || fault.random.next() >= fault.probability) return false
    fault.fired += 1
    fault.spent = fault.count !== undefined && fault.fired >= fault.count
    return true
  }
  return {
    add(input) {
      const parsed = faultSchema.safeParse(input)
      if (!parsed.success) throw malformed(parsed.error.issues)
      const id = parsed.data.id ?? `fault-${(made += 1)}`
      const random = createRandom(parsed.data.seed ?? `${seed} ${id}`)
      const fault = { ...parsed.data, id, seen: 0, fired: 0, spent: false, random }
      faults.set(id, fault)
      return shown(fault)
    },
    remove: (id) => faults.delete(id),
    clear: () => faults.clear(),
    list: () => [...faults.values()].map(shown),
    forCall(action, subjects) {
      for (const fault of faults.values()) {
        if (isCallEffect(fault.effect) && names(fault, action) && strikes(fault, subjects)) {
          return { ...shown(fault), effect: fault.effect }
        }
      }
      return undefined
    },
    forInstance(subject, only) {
      const effects: InstanceEffect[] = []
      for (const fault of faults.values()) {
        if (isCallEffect(fault.effect) || (only !== undefined && only !== fault.id)) continue
        if (strikes(fault, [subject])) effects.push(fault.effect)
      }
      return effects
    },
  }
}

export function isCallEffect(effect: FaultEffect): effect is CallEffect {
  return CALL_EFFECTS.some((type) => type === effect.type)
}

function names(fault: FaultSpec, action: string): boolean {
  const list = typeof fault.action === 'string' ? [fault.action] : fault.action
  // Whoever spoils the cloud does not mean the status page, and the other way round.
  const all = action.startsWith('statuspage.') ? 'statuspage.*' : '*'
  return list.includes(all) || list.includes(action)
}

function shown({ random: _random, ...fault }: FaultState & { random: Random }): FaultState {
  return fault
}

function malformed(issues: readonly { path: PropertyKey[]; message: string }[]): MusterError {
  const what = issues
    .map((issue) => `${issue.path.map(String).join('.') || 'fault'}: ${issue.message}`)
    .join('; ')
  return new MusterError(
    'bad_request',
    `This fault is not well formed: ${what}. See docs/emulator.md for examples.`,
  )
}
