import {
  ApplicationFailure,
  currentUpdateInfo,
  defineQuery,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow'
import type { FleetState } from '../../domain/fleet/types.ts'
import type { FleetWish } from '../../domain/fleet/wishes.ts'
import {
  FLEET_QUERIES,
  FLEET_UPDATES,
  type ApplyFleetRequest,
  type Attribution,
  type FleetAnswer,
  type MarkRequest,
  type OverrideFreezeRequest,
  type ResizeRequest,
  type RollRequest,
} from '../../domain/messages.ts'

const resize = defineUpdate<FleetAnswer, [ResizeRequest]>(FLEET_UPDATES.resize)
const apply = defineUpdate<FleetAnswer, [ApplyFleetRequest]>(FLEET_UPDATES.apply)
const pause = defineUpdate<FleetAnswer, [Attribution]>(FLEET_UPDATES.pause)
const resume = defineUpdate<FleetAnswer, [Attribution]>(FLEET_UPDATES.resume)
const roll = defineUpdate<FleetAnswer, [RollRequest]>(FLEET_UPDATES.roll)
const rollback = defineUpdate<FleetAnswer, [Attribution]>(FLEET_UPDATES.rollback)
const overrideFreeze = defineUpdate<FleetAnswer, [OverrideFreezeRequest]>(FLEET_UPDATES.overrideFreeze)
const mark = defineUpdate<FleetAnswer, [MarkRequest]>(FLEET_UPDATES.mark)
const unmark = defineUpdate<FleetAnswer, [MarkRequest]>(FLEET_UPDATES.unmark)
const state = defineQuery<FleetState>(FLEET_QUERIES.state)

/** What the handlers need of the fleet. */
export interface FleetListener {
  state: FleetState
  /** Why a wish cannot be taken; undefined: it can. */
  refusal(wish: FleetWish, id: string): string | undefined
  /** A wish whose id is known changes nothing, and is answered as before. */
  wish(wish: FleetWish, id: string): FleetAnswer
}

/** The id that its sender gave the update that is handled now. */
const wishId = (): string => currentUpdateInfo()?.id ?? ''

/** Sets every handler, before the first await. */
export function listen(fleet: FleetListener): void {
  const on = <Request extends Attribution>(
    update: ReturnType<typeof defineUpdate<FleetAnswer, [Request]>>,
    wishOf: (request: Request) => FleetWish,
    description: string,
  ) =>
    setHandler(update, (request) => fleet.wish(wishOf(request), wishId()), {
      description,
      validator: (request) => {
        requireAttribution(request)
        mustBeRight(fleet.refusal(wishOf(request), wishId()))
      },
    })
  listenToWork(on)
  listenToRollouts(on)
  setHandler(state, () => fleet.state, { description: 'The whole state' })
}

type On = <Request extends Attribution>(
  update: ReturnType<typeof defineUpdate<FleetAnswer, [Request]>>,
  wishOf: (request: Request) => FleetWish,
  description: string,
) => void

function listenToWork(on: On): void {
  on(resize, (request) => ({ type: 'resize', ...request }), 'Change the desired number of hosts')
  on(
    pause,
    (request) => ({ type: 'pause', ...request }),
    'Start and retire nothing until resumed; running hosts go on',
  )
  on(resume, (request) => ({ type: 'resume', ...request }), 'Go on after a pause')
  on(
    overrideFreeze,
    (request) => ({ type: 'overrideFreeze', ...request }),
    'Act for a time although too many hosts are silent at once',
  )
  on(mark, (request) => ({ type: 'mark', ...request }), 'Slots that go first when the fleet shrinks')
  on(unmark, (request) => ({ type: 'unmark', ...request }), 'Take back such marks')
}

function listenToRollouts(on: On): void {
  on(
    apply,
    (request) => ({ type: 'apply', ...request }),
    'Use another spec, from each host’s next launch on or by a rollout, and maybe another size and policy',
  )
  on(
    roll,
    (request) => ({ type: 'roll', ...request }),
    'Replace hosts of an older spec in turn; with force all hosts',
  )
  on(
    rollback,
    (request) => ({ type: 'rollback', ...request }),
    'Return to the former spec, and replace the hosts that run another',
  )
}

function requireAttribution(request: Attribution): void {
  if (typeof request?.by !== 'string' || typeof request.why !== 'string' || request.why === '') {
    throw refused('say who asks (by) and why (why)')
  }
}

function mustBeRight(problem: string | undefined): void {
  if (problem !== undefined) throw refused(problem)
}

const refused = (text: string): ApplicationFailure => ApplicationFailure.nonRetryable(text, 'bad_request')
