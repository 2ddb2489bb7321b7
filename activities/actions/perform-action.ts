import {
  FLEET_UPDATES,
  type Attribution,
  type ResizeRequest,
  type RollRequest,
} from '../../domain/messages.ts'
import { openAction, type ActionInputs, type ActionKind } from '../../domain/schedules/actions.ts'
import type { ActionOutcome } from '../../domain/schedules/types.ts'
import type { PerformActionInput } from '../contract.ts'
import type { ActionDeps } from './deps.ts'
import { firingOf, type Firing } from './firing.ts'
import { startReport } from './start-report.ts'
import { startSweep } from './start-sweep.ts'
import { tellFleet } from './tell-fleet.ts'

/** Who asks and why is added where it is sent. */
type Wish<Request extends Attribution> = Omit<Request, keyof Attribution>

type Done = Pick<ActionOutcome, 'did' | 'answer'>

/** What carries out each kind of action. */
const PERFORM: { readonly [K in ActionKind]: (firing: Firing, input: ActionInputs[K]) => Promise<Done> } = {
  async scale(firing, { fleet, size }) {
    const answer = await tellFleet(firing, fleet, FLEET_UPDATES.resize, {
      size,
    } satisfies Wish<ResizeRequest>)
    return { did: `fleet ${fleet} is to have ${size} host${size === 1 ? '' : 's'}`, answer: { ...answer } }
  },
  // Whoever schedules a roll wants new hosts of the same spec, too.
  async roll(firing, { fleet }) {
    const answer = await tellFleet(firing, fleet, FLEET_UPDATES.roll, {
      force: true,
    } satisfies Wish<RollRequest>)
    return { did: `fleet ${fleet} rolls its hosts`, answer: { ...answer } }
  },
  sweep: startSweep,
  report: startReport,
}

/** Carries out one firing of a schedule. Tried again it is the same wish: nothing is done twice. */
export async function performAction(
  deps: ActionDeps,
  { input, firing: id }: PerformActionInput,
): Promise<ActionOutcome> {
  const { kind, input: request } = openAction(input.do)
  return { schedule: input.schedule, ...(await perform(kind, firingOf(deps, input, id), request)) }
}

const perform = async <K extends ActionKind>(
  kind: K,
  firing: Firing,
  request: ActionInputs[K],
): Promise<Done> => await PERFORM[kind](firing, request)
