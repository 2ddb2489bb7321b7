import { clockText } from '../durations.ts'
import { clearSilence, endAttempt, endByWish } from './attempt-end.ts'
import type { EventOf } from './events.ts'
import { goto, isCurrent, note, withCurrent } from './state.ts'
import type { CurrentAttempt, HostEventKind, HostState, HostStep } from './types.ts'

/** What is not written yet travels through continue-as-new (2 MiB at most): a chatty agent must not fill it. */
const MAX_WAITING_LINES = 100

export function running(state: HostState, event: EventOf<'running'>): HostState {
  const { privateIp, mac } = event
  const known = withCurrent(state, { running: true, privateIp, ...(mac !== undefined && { mac }) })
  return goto(note(known, event.at, 'running', `running at ${privateIp}`), 'awaitStarted')
}

/**
 * Noted once: nothing is deleted before the deadline, until which it is looked for again. A client that knows its address
 * alone is heard only when the cloud has reported it, too.
 */
export function notRunning(state: HostState, event: EventOf<'notRunning'>): HostState {
  const told = state.current.unseen ? state : note(state, event.at, 'notRunning', event.reason)
  return goto(withCurrent(told, { unseen: true }), event.again ? 'awaitRunning' : 'awaitStarted')
}

export function deadline(state: HostState, event: EventOf<'deadline'>): HostState {
  const { launchedAt = event.at } = state.current
  const reason = `mute for ${clockText(event.at - launchedAt)}: no "started" before the boot deadline`
  return endAttempt(note(state, event.at, 'deadline', reason), event.at, 'mute', reason)
}

/** The cloud has given the instance up. One that drains was to go: that is no failure, and nothing is left to wait for. */
export function lost(state: HostState, event: EventOf<'lost'>): HostState {
  const told = note(state, event.at, 'lost', event.reason)
  return state.phase === 'draining'
    ? endByWish(told, event.at)
    : endAttempt(told, event.at, 'lost', event.reason)
}

const IN_LAUNCH: ReadonlySet<HostStep> = new Set(['launch', 'lookup', 'lookupPause'])
const IN_BOOT: ReadonlySet<HostStep> = new Set(['awaitRunning', 'awaitStarted'])

/** `started` of the agent: ends the boot, reports a reboot, or is refused with a line in the journal. */
export function started(state: HostState, event: EventOf<'started'>): HostState {
  const { signal, at } = event
  if (!isCurrent(state, signal))
    return refuse(state, at, `attempt ${signal.attempt} of ${signal.generation} is not current`)
  if (IN_LAUNCH.has(state.step)) return early(state, event)
  if (IN_BOOT.has(state.step)) return bootEnds(state, event)
  return state.phase === 'ready' || state.phase === 'silent'
    ? again(state, event)
    : refuse(state, at, 'too late')
}

/** Before the launch has answered: kept, and believed once the cloud names the same instance. */
function early(state: HostState, { signal, at }: EventOf<'started'>): HostState {
  if (state.current.claimedId !== undefined) return state
  const told = note(
    state,
    at,
    'started',
    `the agent of ${signal.facts.instanceId} speaks before the launch has answered`,
  )
  const claim = { claimedId: signal.facts.instanceId, startedAt: at, bootId: signal.bootId }
  return {
    ...withCurrent(told, { ...claim, ...addresses(signal, state.current) }),
    liveness: signal.liveness,
  }
}

function bootEnds(state: HostState, { signal, at }: EventOf<'started'>): HostState {
  const { instanceId } = state.current
  if (signal.liveness === 'agent' && signal.facts.instanceId !== instanceId) {
    return refuse(state, at, `it names ${signal.facts.instanceId}, but this attempt is ${instanceId}`)
  }
  const told = addresses(signal, state.current)
  const here = withCurrent(state, { startedAt: at, bootId: signal.bootId, ...told })
  return becomeReady({ ...here, liveness: signal.liveness }, at)
}

export function becomeReady(state: HostState, at: number): HostState {
  const { launchedAt = at } = state.current
  const text = `started after ${clockText(at - launchedAt)}`
  return goto({ ...note(state, at, 'started', text), readyAt: at, failures: 0 }, 'becomeReady', 'ready')
}

/** A new boot id is a reboot; the same one again is a repeated post. */
function again(state: HostState, event: EventOf<'started'>): HostState {
  const { signal, at } = event
  if (signal.liveness !== state.liveness) return otherVoice(state, event)
  if (signal.bootId === state.current.bootId && state.phase === 'ready') return state
  const rebooted = signal.bootId !== state.current.bootId
  const text = rebooted ? 'started again after a reboot' : 'heard again'
  const here = withCurrent(state, { bootId: signal.bootId })
  const told = noteOfAgent(here, at, rebooted ? 'started' : 'heard', text)
  return state.phase === 'silent' ? backToReady(told) : told
}

/**
 * Two speak for one instance. An agent that comes after a client which knows only its address is the one to watch; such a
 * client next to an agent says nothing of it.
 */
function otherVoice(state: HostState, { signal, at }: EventOf<'started'>): HostState {
  if (signal.liveness === 'none') return state
  const { instanceId } = state.current
  if (signal.facts.instanceId !== instanceId)
    return refuse(state, at, `it names ${signal.facts.instanceId}, but this attempt is ${instanceId}`)
  const here = withCurrent(state, { bootId: signal.bootId, ...addresses(signal, state.current) })
  const heard = noteOfAgent(
    { ...here, liveness: 'agent' },
    at,
    'started',
    'its agent is heard: its beats are watched',
  )
  return state.step === 'watch' ? goto(heard, 'watch') : heard
}

export const backToReady = (state: HostState): HostState => goto(clearSilence(state), 'watch', 'ready')

const refuse = (state: HostState, at: number, why: string): HostState =>
  noteOfAgent(state, at, 'refusedStarted', `"started" refused: ${why}`)

/** Lines that agents cause at will; beyond a hundred unwritten ones they are dropped. */
const noteOfAgent = (state: HostState, at: number, kind: HostEventKind, text: string): HostState =>
  state.events.length + (state.later?.length ?? 0) < MAX_WAITING_LINES ? note(state, at, kind, text) : state

/** An agent may claim any address: what the cloud has reported counts. */
function addresses(
  { facts }: EventOf<'started'>['signal'],
  known: CurrentAttempt,
): { privateIp?: string; mac?: string } {
  const privateIp = known.privateIp ?? facts.privateIp
  const mac = known.mac ?? facts.mac
  return { ...(privateIp && { privateIp }), ...(mac && { mac }) }
}
