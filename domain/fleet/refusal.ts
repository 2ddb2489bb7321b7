import { MAX_FLEET_SIZE } from '../spec.ts'
import { policyProblem } from './policy.ts'
import { expand } from './slots.ts'
import type { FleetState } from './types.ts'
import type { FleetWish, WishOf } from './wishes.ts'

/** Time enough for hosts to be judged and to boot; a person looks again after a day. */
export const OVERRIDE_MS = { min: 60_000, max: 24 * 3600_000 }
const MAX_MARKED = 200

type Refusals = { [T in FleetWish['type']]?: (state: FleetState, wish: WishOf<T>) => string | undefined }

/** Wishes that are not named here are always taken. */
const REFUSALS: Refusals = {
  resize: (_state, { size }) => sizeProblem(size),
  apply: (_state, { size = 0, policy }) => sizeProblem(size) ?? (policy && policyProblem(policy)),
  rollback: ({ previous }) =>
    previous ? undefined : 'there is no previous spec to return to: apply the one that is wanted',
  overrideFreeze: ({ frozen }, { forMs }) => {
    if (!inRange(forMs)) return 'forMs must be from 1 minute to 24 hours'
    return frozen ? undefined : 'the fleet is not frozen: there is nothing to override'
  },
  mark: (state, { slots }) => slotsProblem(slots) ?? strangersProblem(state, slots),
  unmark: (_state, { slots }) => slotsProblem(slots),
}

/** Why a wish cannot be taken, with what to do instead; undefined: it can. */
export function refusalOf(state: FleetState, wish: FleetWish): string | undefined {
  const refuse = REFUSALS[wish.type] as
    | ((state: FleetState, wish: FleetWish) => string | undefined)
    | undefined
  return refuse?.(state, wish)
}

function sizeProblem(size: number): string | undefined {
  if (Number.isInteger(size) && size >= 0 && size <= MAX_FLEET_SIZE) return undefined
  return `size must be a whole number from 0 to ${MAX_FLEET_SIZE}, not ${String(size)}`
}

const inRange = (ms: number): boolean => ms >= OVERRIDE_MS.min && ms <= OVERRIDE_MS.max

function slotsProblem(slots: number[]): string | undefined {
  const right = Array.isArray(slots) && slots.length > 0 && slots.length <= MAX_MARKED
  if (right && slots.every((slot) => Number.isInteger(slot) && slot > 0)) return undefined
  return `slots must be 1 to ${MAX_MARKED} slot numbers, like 7 for the host …/00007`
}

function strangersProblem({ active }: FleetState, slots: number[]): string | undefined {
  const known = new Set(expand(active))
  const strangers = slots.filter((slot) => !known.has(slot))
  return strangers.length === 0 ? undefined : `the fleet has no running host of slot ${strangers.join(', ')}`
}
