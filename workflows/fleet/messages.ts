import { ApplicationFailure, defineQuery, defineUpdate, setHandler } from '@temporalio/workflow'
import type { FleetWish } from '../../domain/fleet/decide.ts'
import type { FleetState } from '../../domain/fleet/types.ts'
import {
  FLEET_QUERIES,
  FLEET_UPDATES,
  type ApplyFleetRequest,
  type Asked,
  type FleetAnswer,
  type ResizeRequest,
} from '../../domain/messages.ts'
import { MAX_FLEET_SIZE } from '../../domain/spec.ts'

const resize = defineUpdate<FleetAnswer, [ResizeRequest]>(FLEET_UPDATES.resize)
const apply = defineUpdate<FleetAnswer, [ApplyFleetRequest]>(FLEET_UPDATES.apply)
const pause = defineUpdate<FleetAnswer, [Asked]>(FLEET_UPDATES.pause)
const resume = defineUpdate<FleetAnswer, [Asked]>(FLEET_UPDATES.resume)
const state = defineQuery<FleetState>(FLEET_QUERIES.state)

/** What the handlers need of the fleet. */
export interface FleetListener {
  state: FleetState
  wish(wish: FleetWish): FleetAnswer
}

/** Sets every handler, before the first await. */
export function listen(fleet: FleetListener): void {
  setHandler(resize, (request) => fleet.wish({ type: 'resize', ...request }), {
    description: 'Change the desired number of hosts',
    validator: (request) => {
      mustBeAsked(request)
      mustBeSize(request.size)
    },
  })
  setHandler(apply, (request) => fleet.wish({ type: 'apply', ...request }), {
    description: 'Use another spec from each host’s next launch on, and maybe another size',
    validator: (request) => {
      mustBeAsked(request)
      if (request.size !== undefined) mustBeSize(request.size)
    },
  })
  setHandler(pause, (request) => fleet.wish({ type: 'pause', ...request }), {
    description: 'Start and retire nothing until resumed; running hosts go on',
    validator: mustBeAsked,
  })
  setHandler(resume, (request) => fleet.wish({ type: 'resume', ...request }), {
    description: 'Go on after a pause',
    validator: mustBeAsked,
  })
  setHandler(state, () => fleet.state, { description: 'The whole state' })
}

function mustBeAsked(request: Asked): void {
  if (typeof request?.by !== 'string' || typeof request.why !== 'string' || request.why === '') {
    throw ApplicationFailure.nonRetryable('say who asks (by) and why (why)', 'bad_request')
  }
}

function mustBeSize(size: number): void {
  if (!Number.isInteger(size) || size < 0 || size > MAX_FLEET_SIZE) {
    throw ApplicationFailure.nonRetryable(
      `size must be a whole number from 0 to ${MAX_FLEET_SIZE}, not ${size}`,
      'bad_request',
    )
  }
}
