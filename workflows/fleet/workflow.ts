import {
  ActivityCancellationType,
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow'
import type { FleetActivities, FleetObservation, FleetRecord, SlotResult } from '../../activities/contract.ts'
import {
  BATCH,
  acted,
  decideFleet,
  newFleetState,
  observed,
  undone,
  wishFleet,
  type FleetWish,
} from '../../domain/fleet/decide.ts'
import { addSlots, countSlots, expand } from '../../domain/fleet/slots.ts'
import type { FleetActions, FleetInput, FleetState } from '../../domain/fleet/types.ts'
import type { FleetAnswer } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import { listen } from './messages.ts'

/**
 * Between two looks at a fleet where nothing is asked; and while slots retire, whose numbers are waited for, or something
 * could not be done.
 */
const LOOK_EVERY_MS = { idle: 30_000, unsettled: 5_000 }
/** Between two comparisons with Temporal's own list of workflows. */
const RESYNC_EVERY_MS = 10 * 60_000
/** A run ends at this length: an observation costs eleven events. */
const MAX_EVENTS_A_RUN = 1_500

const activities = (summary: string): FleetActivities =>
  proxyActivities<FleetActivities>({
    taskQueue: MUSTER_QUEUE,
    startToCloseTimeout: '60 seconds',
    heartbeatTimeout: '20 seconds',
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
    summary,
  })

/**
 * A fleet: keeps as many hosts running as are wanted. Its hosts are workflows of their own: they go on whatever happens
 * to this one. Observe → decide → act, on every change and every 30 seconds; each act is idempotent.
 */
export async function fleetWorkflow(input: FleetInput): Promise<void> {
  const fleet = new Fleet(input)
  listen(fleet)
  while (!runIsLong()) await lookAndAct(fleet)
  await condition(allHandlersFinished)
  const { specHash, spec, desired } = fleet.state
  await continueAsNew<typeof fleetWorkflow>({ ...input, specHash, spec, size: desired, carried: fleet.state })
}

class Fleet {
  readonly input: FleetInput
  state: FleetState
  resyncAt = Date.now()

  constructor(input: FleetInput) {
    this.input = input
    this.state = input.carried ?? newFleetState(input, Date.now())
  }

  wish(wish: FleetWish): FleetAnswer {
    this.state = wishFleet(this.state, wish)
    const { desired, paused, specHash } = this.state
    return { name: this.input.name, desired, paused, specHash }
  }
}

/** One round; returns at once when there is more to do. */
async function lookAndAct(fleet: Fleet): Promise<void> {
  const { seq } = fleet.state
  const resync = Date.now() >= fleet.resyncAt
  const view = await observe(fleet.input.name, fleet.state, resync)
  if (resync) fleet.resyncAt = Date.now() + RESYNC_EVERY_MS
  // Somebody asked for something meanwhile: what was seen does not answer it.
  if (fleet.state.seq !== seq) return
  fleet.state = observed(fleet.state, view)
  const actions = decideFleet(fleet.state, view)
  fleet.state = acted(fleet.state, actions)
  const settled = fleet.state.seq
  const failed = await act(fleet.input, fleet.state, actions)
  const isAsked = fleet.state.seq !== settled
  fleet.state = undone(fleet.state, failed)
  present(fleet.state, view)
  const hasFailed = fleet.state.seq !== settled && !isAsked
  if (isAsked || (settled !== seq && !hasFailed)) return
  await pauseUntilAsked(fleet, hasFailed)
}

async function pauseUntilAsked(fleet: Fleet, hasFailed: boolean): Promise<void> {
  const { seq, retiring } = fleet.state
  const isUnsettled = hasFailed || countSlots(retiring) > 0
  const pauseMs = isUnsettled ? LOOK_EVERY_MS.unsettled : LOOK_EVERY_MS.idle
  await condition(() => fleet.state.seq !== seq, pauseMs, { summary: 'look again' })
}

const runIsLong = (): boolean =>
  workflowInfo().historyLength > MAX_EVENTS_A_RUN || workflowInfo().continueAsNewSuggested

async function observe(fleet: string, state: FleetState, resync: boolean): Promise<FleetObservation> {
  const surplus = countSlots(state.active) - state.desired
  return await activities(resync ? 'observe, and compare with Temporal’s list' : 'observe').observeFleet({
    fleet,
    slots: addSlots(state.active, expand(state.retiring)),
    scaleIn: state.paused ? 0 : Math.min(BATCH, Math.max(0, surplus)),
    resync,
    record: recordOf(fleet, state),
  })
}

function recordOf(name: string, state: FleetState): FleetRecord {
  const { desired, paused, specHash, active, retiring, seq, note } = state
  return { name, desired, paused, specHash, slots: addSlots(active, expand(retiring)), seq, note }
}

/** @returns the slots for which it could not be done */
async function act(
  input: FleetInput,
  state: FleetState,
  { start, retire, applySpec }: FleetActions,
): Promise<FleetActions> {
  const { name: fleet, controller, namespaceId, api, dashboardUrl } = input
  const { specHash, spec, note } = state
  const failed: FleetActions = { start: [], retire: [], applySpec: [] }
  if (start.length > 0) {
    const hostInput = { controller, namespaceId, specHash, spec, api, ...(dashboardUrl && { dashboardUrl }) }
    const todo = activities(`start ${start.length} hosts`)
    failed.start = failedSlots(await todo.startHosts({ fleet, slots: start, input: hostInput }))
  }
  if (retire.length > 0) {
    const asked = { by: `fleet ${fleet}`, why: `the fleet is to have ${state.desired} hosts` }
    const todo = activities(`retire ${retire.length} hosts`)
    failed.retire = failedSlots(await todo.retireHosts({ fleet, slots: retire, ...asked }))
  }
  if (applySpec.length > 0) {
    const asked = { by: `fleet ${fleet}`, why: note }
    const todo = activities(`new spec for ${applySpec.length} hosts`)
    failed.applySpec = failedSlots(
      await todo.applySpecToHosts({ fleet, slots: applySpec, specHash, spec, ...asked }),
    )
  }
  return failed
}

const failedSlots = ({ failed }: SlotResult): number[] => failed.map(({ slot }) => slot)

function present(state: FleetState, view: FleetObservation): void {
  const counts = Object.entries(view.counts).map(([phase, count]) => `- ${phase}: ${count}`)
  setCurrentDetails(
    [
      `**${countSlots(state.active)} of ${state.desired} hosts**${state.paused ? ', paused' : ''}, spec ${state.specHash}`,
      '',
      ...counts,
      '',
      state.note,
    ].join('\n'),
  )
}
