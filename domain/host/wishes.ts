import { clockText } from '../durations.ts'
import { adoptSpec, clearWaits, endByWish } from './attempt-end.ts'
import type { EventOf } from './events.ts'
import { beginDrain } from './ready.ts'
import { goto, note } from './state.ts'
import type { HostState, Wish } from './types.ts'

const STRENGTH = { drain: 0, replace: 1, retire: 2 } as const

/** drain, replace and retire: recorded at once, fulfilled as soon as the phase allows. */
export function wish(state: HostState, event: EventOf<'drain' | 'replace' | 'retire'>): HostState {
  const { by, why } = event.request
  const drain = event.type === 'drain' || event.request.drain !== false
  const asked: Wish = { kind: event.type, by, why, drain }
  const told = note(state, event.at, 'wish', `${asked.kind} asked by ${by}: ${why}`, { kind: asked.kind, by })
  const { spec, api } = event.type === 'replace' ? event.request : {}
  const changes = { ...(spec && { nextSpec: spec }), ...(api && { api }) }
  const wished = { ...told, wish: stronger(state.wish, asked), ...changes }
  return fulfil(wished, event.at, asked)
}

/** Retire overrides replace, replace overrides drain; "now" overrides "gently". */
function stronger(old: Wish | undefined, asked: Wish): Wish {
  if (!old) return asked
  const base = STRENGTH[asked.kind] >= STRENGTH[old.kind] ? asked : old
  return { ...base, drain: old.drain && asked.drain }
}

function fulfil(state: HostState, at: number, asked: Wish): HostState {
  switch (state.phase) {
    case 'waiting':
      return withoutInstance(state, at)
    case 'launching':
      return state.step === 'plan' ? withoutInstance(state, at) : state
    case 'booting':
      return endByWish(state, at)
    case 'ready':
    case 'silent':
      return asked.drain ? beginDrain(state, at, state.spec.drainTimeoutMs) : endByWish(state, at)
    case 'draining':
      return asked.drain ? state : endByWish(state, at)
    case 'deleting':
    case 'retired':
      return state
    default:
      return state.phase satisfies never
  }
}

/** Nothing to drain or delete: a retire makes sure of that by tags, a replace is fulfilled by the launch to come. */
function withoutInstance(state: HostState, at: number): HostState {
  if (state.wish?.kind === 'retire') return endByWish(state, at)
  const { wish: _fulfilled, ...rest } = state
  return state.nextSpec ? goto(adoptSpec(clearWaits(rest)), 'plan', 'launching') : rest
}

/** The workflow was cancelled: like a retire without draining; a launch in flight is waited for first. */
export function cancel(state: HostState, event: EventOf<'cancel'>): HostState {
  const cancelled: HostState = {
    ...note(state, event.at, 'wish', 'the workflow was cancelled'),
    cancelled: true,
  }
  if (state.phase === 'deleting' || state.phase === 'retired') return cancelled
  if (state.step === 'launch' || state.step === 'lookup' || state.step === 'lookupPause') return cancelled
  return endByWish(cancelled, event.at)
}

/** Takes effect with the next launch. */
export function applySpec(before: HostState, event: EventOf<'applySpec'>): HostState {
  const { hash, spec, api, by, why } = event.request
  const state = api ? { ...before, api } : before
  if (hash === (state.nextSpec?.hash ?? state.specHash)) return state
  const told = note(state, event.at, 'wish', `spec ${hash} asked by ${by}: ${why}`, { kind: 'applySpec', by })
  const next: HostState = { ...told, nextSpec: { hash, spec } }
  return state.phase === 'waiting' || state.step === 'plan' ? withoutInstance(next, event.at) : next
}

/** This attempt's instance is kept when it ends. */
export function preserve(state: HostState, event: EventOf<'preserve'>): HostState {
  const { by, why, forMs } = event.request
  const text = `keep the instance for ${clockText(forMs)} when it ends, asked by ${by}: ${why}`
  return { ...note(state, event.at, 'wish', text, { kind: 'preserve', by }), preserveForMs: forMs }
}
