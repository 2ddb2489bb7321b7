import { isHalted, takeFreeze } from './freeze.ts'
import { rolloutRoom } from './policy.ts'
import { chooseReplaced, surgeWanted, takeRollout } from './rollout.ts'
import { addSlots, countSlots, expand, lowestFree, removeSlots, toRanges } from './slots.ts'
import { withNews } from './state.ts'
import type { Replacing, Survey, UnclearSlot } from './survey-types.ts'
import type { FleetActions, FleetState, FleetView } from './types.ts'

/** Hosts started, retired or notified at once: limited by the time of an activity and the size of a payload. */
export const BATCH = 200
/** Live hosts beyond what is wanted before launches stop: two for hosts that are just on their way out. */
const SLACK = 2

export const NO_ACTIONS: FleetActions = {
  start: [],
  surge: [],
  retire: [],
  reclaimed: [],
  replace: [],
  applySpec: [],
  extra: 0,
}

/**
 * Takes in what was seen: ended slots leave, running ones that the fleet did not know count from now on. `now`: workflow
 * time, ms.
 */
export function observed(state: FleetState, view: FleetView, now: number): FleetState {
  const { survey } = view
  const seen = takeRollout(takeFreeze(takeSlots(state, view), view, now), survey)
  const live = overshoot(seen, survey)
  const { overshoot: _before, unclear: _asked, ...rest } = seen
  // The numbers on top are the surge: what is within the desired size by now is a host like any other.
  const surge = Math.max(0, countSlots(seen.active) - seen.desired - seen.extra)
  const next: FleetState = {
    ...rest,
    surge: surge === 0 ? [] : toRanges(expand(seen.surge).slice(-surge)),
    extra: survey.ready >= seen.desired ? 0 : seen.extra,
    ...withUnclear(unclearOnes(seen, survey).map(({ slot }) => slot)),
    ...(live && { overshoot: live }),
  }
  if (!live || live.live === live.limit || view.unknown.length === 0) return next
  const why = `${live.live} hosts live where at most ${live.limit} should: launches wait; ${view.unknown.length} were not known to the fleet`
  return withNews(next, { what: 'too many hosts', why })
}

function takeSlots(state: FleetState, { ended, unknown }: FleetView): FleetState {
  if (ended.length === 0 && unknown.length === 0) return state
  const gone = new Set(ended)
  return {
    ...state,
    active: addSlots(removeSlots(state.active, ended), unknown),
    retiring: removeSlots(state.retiring, ended),
    outdated: addSlots(removeSlots(state.outdated, ended), unknown),
    surge: removeSlots(state.surge, ended),
    marks: removeSlots(state.marks, ended),
    replacing: state.replacing.filter(({ slot }) => !gone.has(slot)),
    ...(state.rollout && {
      rollout: { ...state.rollout, forced: removeSlots(state.rollout.forced, ended) },
    }),
    seq: state.seq + 1,
  }
}

function overshoot(state: FleetState, survey: Survey): FleetState['overshoot'] {
  const live = liveHosts(state)
  const limit = liveLimit(state, survey, state.extra)
  return live >= limit ? { live, limit } : undefined
}

const liveHosts = ({ active, retiring }: FleetState): number => countSlots(active) + countSlots(retiring)

/**
 * Launches stop beyond this many live hosts. One that the cloud takes may have its successor already, but no more of
 * them than there are hosts: it is the agents that say so, and hosts that all say so at once would make the fleet grow
 * for as long as they drain.
 */
export const liveLimit = (state: FleetState, survey: Survey, extra: number): number =>
  state.desired + surgeWanted(state, survey) + extra + Math.min(survey.announced, state.desired) + SLACK

/**
 * What brings the fleet nearer to what is wanted. New hosts take the lowest numbers that no running workflow has; a
 * retiring slot is gone for the count. A paused or frozen fleet does nothing. `now`: workflow time, ms.
 */
export function decideFleet(state: FleetState, { survey }: FleetView, now: number): FleetActions {
  if (isHalted(state, now)) return { ...NO_ACTIONS, extra: state.extra }
  const active = new Set(expand(state.active))
  const reclaimed = survey.reclaimed.filter((slot) => active.has(slot))
  const count = active.size - reclaimed.length
  const extra = overAsk(state, count)
  const within = state.desired + extra
  const missing = within + surgeWanted(state, survey) - count
  const start = missing > 0 ? chooseStarted(state, survey, { missing, extra }) : []
  const leaving = new Set(reclaimed)
  const chosen = missing < 0 ? chooseRetiring(state, survey, leaving, -missing) : []
  for (const slot of chosen) leaving.add(slot)
  const again = askedAgain(state, survey)
  const replace = [...again.replace, ...chooseReplaced(state, survey, chosen.length === 0)].filter(
    ({ slot }) => active.has(slot) && !leaving.has(slot),
  )
  return {
    start,
    surge: start.slice(Math.max(0, within - count)),
    retire: [...again.retire, ...chosen].slice(0, BATCH),
    reclaimed,
    replace,
    applySpec: expand(state.outdated).slice(0, BATCH),
    extra,
  }
}

/** By the survey; one from before this was asked says nothing of them. */
function unclearOnes({ unclear = [], retiring, replacing }: FleetState, survey: Survey): UnclearSlot[] {
  const leaving = new Set([...expand(retiring), ...replacing.map(({ slot }) => slot)])
  const seen = survey.unclear ?? expand(unclear).map((slot) => ({ slot, mayWork: false }))
  return seen.filter(({ slot }) => leaving.has(slot))
}

/**
 * Those that were asked to end or to start over and may not have heard of it. They count as missing; one that may do its
 * work all the same is asked again only while enough others do theirs.
 */
function askedAgain(state: FleetState, survey: Survey): Pick<FleetActions, 'retire' | 'replace'> {
  const { retiring, replacing, desired, policy } = state
  const isEnough = survey.ready >= desired - rolloutRoom(policy, desired).unavailable
  const due = unclearOnes(state, survey).filter(({ mayWork }) => isEnough || !mayWork)
  const asked = new Set(due.map(({ slot }) => slot))
  return {
    retire: expand(retiring).filter((slot) => asked.has(slot)),
    replace: replacing.filter(({ slot }) => asked.has(slot)),
  }
}

const slotsOf = ({ retire, replace }: Pick<FleetActions, 'retire' | 'replace'>): number[] => [
  ...retire,
  ...replace.map(({ slot }) => slot),
]

const withUnclear = (slots: number[]): Pick<FleetState, 'unclear'> =>
  slots.length > 0 ? { unclear: toRanges(slots) } : {}

/** How many of the hosts are asked for beyond what is wanted: a share of those that are missing, until enough are ready. */
function overAsk({ policy, desired, extra, surge }: FleetState, count: number): number {
  const share = policy.overAskPercent / 100
  const grows = Math.max(0, desired - (count - extra - countSlots(surge)))
  // A fleet that shrinks, or whose policy asks for less, needs what it has asked for no more.
  return Math.min(Math.ceil(desired * share), extra + Math.ceil(grows * share))
}

function chooseStarted(
  state: FleetState,
  survey: Survey,
  { missing, extra }: { missing: number; extra: number },
): number[] {
  const room = liveLimit(state, survey, extra) - liveHosts(state)
  const count = Math.min(missing, BATCH, Math.max(0, room))
  return lowestFree([...state.active, ...state.retiring], count)
}

/**
 * The candidates in the order they were seen. Of those that do their work only as many as are beyond what must stay: while
 * others are missing, one too many is none too many.
 */
function chooseRetiring(
  { active, desired, policy }: FleetState,
  { scaleIn, ready }: Survey,
  leaving: ReadonlySet<number>,
  count: number,
): number[] {
  const isActive = new Set(expand(active))
  const candidates = scaleIn.filter(({ slot }) => isActive.has(slot) && !leaving.has(slot))
  let spare = ready - (desired - rolloutRoom(policy, desired).unavailable)
  return candidates
    .filter(({ up }) => !up || spare-- > 0)
    .slice(0, Math.min(count, BATCH))
    .map(({ slot }) => slot)
}

/** Notes what has been done: before it is known to have worked, because an ended slot is seen and leaves again. */
export function acted(before: FleetState, actions: FleetActions): FleetState {
  const { start, surge, retire, reclaimed, replace, applySpec, extra } = actions
  if (isNothing(actions)) return extra === before.extra ? before : { ...before, extra }
  const leaving = [...retire, ...reclaimed]
  const gone = new Set(leaving)
  const { unclear = [], ...state } = before
  const asked = new Set(slotsOf(actions))
  const replacing = state.replacing.filter(({ slot }) => !asked.has(slot))
  return {
    ...state,
    active: removeSlots(addSlots(state.active, start), leaving),
    retiring: addSlots(state.retiring, leaving),
    outdated: removeSlots(state.outdated, [...applySpec, ...leaving]),
    surge: removeSlots(addSlots(state.surge, surge), leaving),
    marks: removeSlots(state.marks, leaving),
    replacing: [...replacing, ...replace, ...newcomers(state, start)].filter(({ slot }) => !gone.has(slot)),
    ...withUnclear(expand(unclear).filter((slot) => !asked.has(slot))),
    extra,
    seq: state.seq + 1,
    note: actionText(actions),
  }
}

/** While a rollout is in progress, each new host shows whether its spec boots. */
function newcomers({ rollout, specHash }: FleetState, start: number[]): Replacing[] {
  if (rollout?.state !== 'rolling') return []
  return start.map((slot) => ({ slot, generation: '', attempt: 0, specHash, up: false }))
}

/**
 * Takes back actions that failed, so that they are decided on again, except where only the answer may have been lost. A
 * start is kept: a host that is not counted would be one too many and would get no new spec; the next look asks
 * Temporal itself which hosts run. Hosts that were to end or to start over are asked again: picking another one instead
 * would take one more host from its work.
 */
export function undone(state: FleetState, failed: FleetActions): FleetState {
  if (isNothing(failed)) return state
  const active = addSlots(state.active, failed.reclaimed)
  const isActive = new Set(expand(active))
  return {
    ...state,
    active,
    retiring: removeSlots(state.retiring, failed.reclaimed),
    outdated: addSlots(
      state.outdated,
      failed.applySpec.filter((slot) => isActive.has(slot)),
    ),
    ...withUnclear([...expand(state.unclear ?? []), ...slotsOf(failed)]),
    seq: state.seq + 1,
  }
}

const isNothing = ({ start, retire, reclaimed, replace, applySpec }: FleetActions): boolean =>
  start.length + retire.length + reclaimed.length + replace.length + applySpec.length === 0

function actionText({ start, retire, reclaimed, replace, applySpec }: FleetActions): string {
  return [
    hosts(start.length, 'started'),
    hosts(retire.length, 'retired'),
    hosts(reclaimed.length, 'retired because the cloud takes their instances'),
    hosts(replace.length, 'asked to begin anew'),
    applySpec.length > 0 ? `new spec handed to ${hosts(applySpec.length, '').trim()}` : '',
  ]
    .filter(Boolean)
    .join(', ')
}

const hosts = (count: number, what: string): string =>
  count === 0 ? '' : `${count} ${count === 1 ? 'host' : 'hosts'} ${what}`
