import type { WorkflowHandle } from '@temporalio/client'
import type { FleetState } from '../../domain/fleet/types.ts'
import { fleetWorkflowId } from '../../domain/ids.ts'
import { FLEET_QUERIES, FLEET_UPDATES, type FleetAnswer } from '../../domain/messages.ts'
import type { World } from '../support/world.ts'

export interface FleetTalk {
  fleetOf: (name: string) => WorkflowHandle
  stateOf: (name: string) => Promise<FleetState>
  /** Sends an update as the person "test". */
  ask: (name: string, update: keyof typeof FLEET_UPDATES, request?: object) => Promise<FleetAnswer>
}

/** Speaks with fleet workflows themselves, past the API. */
export function talkTo(world: () => World): FleetTalk {
  const fleetOf = (name: string) => world().client.workflow.getHandle(fleetWorkflowId(name))
  return {
    fleetOf,
    stateOf: (name) => fleetOf(name).query<FleetState>(FLEET_QUERIES.state),
    ask: (name, update, request = {}) =>
      fleetOf(name).executeUpdate<FleetAnswer, [object]>(FLEET_UPDATES[update], {
        args: [{ by: 'test', why: 'to see', ...request }],
      }),
  }
}
