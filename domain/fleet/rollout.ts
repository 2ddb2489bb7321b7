import { rolloutRoom } from './policy.ts'
import { addSlots, expand, removeSlots } from './slots.ts'
import { withNews } from './state.ts'
import type { Replacing, Survey } from './survey-types.ts'
import type { FleetState, Rollout } from './types.ts'

/** Takes in how far the replaced hosts have come, and ends the rollout when it is done, or stops it when it fails. */
export function takeRollout(state: FleetState, survey: Survey): FleetState {
  const tracked = trackReplaced(state, survey)
  const { rollout } = tracked
  if (rollout?.state !== 'rolling') return tracked
  const counted = { ...tracked, rollout: count(rollout, state, survey) }
  return stopped(counted, survey) ?? done(counted, survey) ?? counted
}

/** Hosts that are up again, or that ended as another spec than is wanted now, are no longer waited for. */
function trackReplaced(state: FleetState, { replaced }: Survey): FleetState {
  const over = new Set(replaced.filter(({ now }) => now === 'up' || now === 'stale').map(({ slot }) => slot))
  if (over.size === 0) return state
  return { ...state, replacing: state.replacing.filter(({ slot }) => !over.has(slot)) }
}

function count(rollout: Rollout, { replacing }: FleetState, survey: Survey): Rollout {
  const waitedFor = new Set(replacing.map(({ slot }) => slot))
  const newcomers = new Set(replacing.filter(({ generation }) => generation === '').map(({ slot }) => slot))
  const toCome = survey.replaced.filter(
    ({ now, slot }) => (now === 'old' || now === 'coming') && !newcomers.has(slot),
  )
  const begun = survey.replaced.filter(({ now, slot }) => now !== 'old' && waitedFor.has(slot))
  const ups = begun.filter(({ now }) => now === 'up').length
  return {
    ...rollout,
    forced: removeSlots(rollout.forced, [...begun.map(({ slot }) => slot), ...survey.fresh]),
    left: survey.old + toCome.length,
    succeeded: rollout.succeeded + ups,
    failed: survey.failed,
    failedBefore: ups > 0 ? survey.failed : Math.min(rollout.failedBefore, survey.failed),
  }
}

/**
 * Hosts that were asked to start over and are not up get the previous spec for their next launch (see `specForStart`):
 * those that have begun, and those that are still draining.
 */
function stopped(
  state: FleetState & { rollout: Rollout },
  { refused, replaced }: Survey,
): FleetState | undefined {
  const { rollout, policy } = state
  const failures = rollout.failed - rollout.failedBefore
  if (refused === undefined && failures < policy.rollout.stopAfterFailures) return undefined
  const reason =
    refused === undefined
      ? `${failures} boots of spec ${rollout.specHash} have failed without a success between`
      : `the cloud does not take spec ${rollout.specHash}: ${refused}`
  const isActive = new Set(expand(state.active))
  const notUp = replaced
    .filter(({ slot, now }) => isActive.has(slot) && (now === 'coming' || now === 'old'))
    .map(({ slot }) => slot)
  const old = new Set(replaced.filter(({ now }) => now === 'old').map(({ slot }) => slot))
  const unclear = new Set(expand(state.unclear ?? []).filter((slot) => old.has(slot)))
  const next = {
    ...state,
    // Not asked again: they may run yet.
    replacing: state.replacing.filter(({ slot }) => !unclear.has(slot)),
    outdated: addSlots(state.outdated, notUp),
    rollout: { ...rollout, state: 'stopped' as const, reason },
  }
  return withNews(next, { what: 'rollout stopped', why: reason })
}

function done(state: FleetState & { rollout: Rollout }, survey: Survey): FleetState | undefined {
  const { rollout, replacing } = state
  if (survey.old + survey.unwritten + replacing.length > 0) return undefined
  const why = `every host runs spec ${rollout.specHash}`
  return withNews(
    { ...state, rollout: { ...rollout, state: 'done', left: 0 } },
    { what: 'rollout done', why },
  )
}

/** False while a rollout is stopped: hosts are not replaced with ones of a spec that does not boot. */
export const mayReplace = ({ rollout }: FleetState): boolean => rollout?.state !== 'stopped'

/** How many hosts beyond the desired ones are wanted now: none where only hosts without work are to be replaced. */
export function surgeWanted(state: FleetState, { oldUp }: Survey): number {
  return mayReplace(state)
    ? Math.min(rolloutRoom(state.policy, state.desired).surge, oldUp, state.desired)
    : 0
}

/**
 * Whom to replace now. Hosts without work at once: that takes nothing from anybody. Ready ones only as far as desired −
 * unavailable hosts stay ready, and at most surge + unavailable at a time.
 */
export function chooseReplaced(state: FleetState, survey: Survey, mayTakeReady: boolean): Replacing[] {
  if (!mayReplace(state)) return []
  const { surge, unavailable } = rolloutRoom(state.policy, state.desired)
  const under = state.replacing.filter(({ up }) => up).length
  const room = Math.min(survey.ready - (state.desired - unavailable), surge + unavailable - under)
  const idle = survey.renew.filter(({ up }) => !up)
  const ready = survey.renew.filter(({ up }) => up).slice(0, mayTakeReady ? Math.max(0, room) : 0)
  return [...idle, ...ready]
}
