import { addSlots, countSlots, expand } from './slots.ts'
import { BATCH } from './decide.ts'
import type { SurveyRequest } from './survey-types.ts'
import type { FleetState, FleetStatus } from './types.ts'
import { mayReplace } from './rollout.ts'

/** What is written about the fleet with its next observation. `at`: workflow time, ms. */
export function fleetRecord(name: string, state: FleetState, at: number) {
  const { desired, paused, specHash, active, retiring, seq, note } = state
  const slots = addSlots(active, expand(retiring))
  return { name, desired, paused, specHash, slots, seq, note, status: statusOf(state), at }
}

function statusOf(state: FleetState): FleetStatus {
  const { frozen, override, overshoot, surge, replacing, extra, marks, policy, previous } = state
  return {
    ...(state.rollout && { rollout: shown(state.rollout) }),
    ...(frozen && { frozen }),
    ...(override && { override }),
    ...(overshoot && { overshoot }),
    surge: countSlots(surge),
    replacing: replacing.length,
    extra,
    marks,
    policy,
    ...(previous && { previousSpecHash: previous.specHash }),
  }
}

function shown(rollout: NonNullable<FleetState['rollout']>): NonNullable<FleetStatus['rollout']> {
  const { forced: _forced, failedBefore: _before, ...rest } = rollout
  return rest
}

/** What the fleet asks of the projection. */
export function surveyRequest(state: FleetState): SurveyRequest {
  const { active, retiring, surge, marks, replacing, unclear, specHash, rollout, policy, extra, desired } =
    state
  const surplus = countSlots(active) - desired
  const { maxLifetimeMs } = policy
  return {
    active,
    retiring,
    surge,
    marks,
    replacing,
    ...(unclear && { unclear }),
    specHash,
    ...(rollout?.state === 'rolling' && { rolling: { forced: rollout.forced } }),
    ...(maxLifetimeMs !== undefined && mayReplace(state) && { maxLifetimeMs }),
    // As many as can be: of those that do their work some must stay.
    scaleIn: state.paused || surplus <= 0 ? 0 : BATCH,
    latestFirst: extra > 0,
  }
}
