import {
  ActivityCancellationType,
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow'
import type { FleetChange, FleetObservation } from '../../activities/contract.ts'
import { answerBefore, withAnswer } from '../../domain/fleet/answered.ts'
import { acted, decideFleet, observed, undone } from '../../domain/fleet/decide.ts'
import { fleetRecord, surveyRequest } from '../../domain/fleet/record.ts'
import { countSlots } from '../../domain/fleet/slots.ts'
import { newFleetState } from '../../domain/fleet/state.ts'
import type { FleetInput, FleetState } from '../../domain/fleet/types.ts'
import { refusalOf } from '../../domain/fleet/refusal.ts'
import { wishFleet, type FleetWish } from '../../domain/fleet/wishes.ts'
import type { FleetAnswer } from '../../domain/messages.ts'
import { workUntil } from '../work-until.ts'
import { act, activities } from './act.ts'
import { listen } from './messages.ts'

/**
 * Between two looks: while time itself decides (a freeze, and what people said about it); after something could not be
 * done; and while slots retire or start over, whose end is waited for. The last is an activity's, as all other looks: it
 * ends when something has changed, so that waiting for a person or for stock does not grow the history.
 */
const LOOK_EVERY_MS = { frozen: 30_000, failed: 5_000, underWay: 5_000 }
/** Between two comparisons with Temporal's own list of workflows. */
const RESYNC_EVERY_MS = 10 * 60_000
/** A run ends at this length: an observation costs eleven events. */
const MAX_EVENTS_A_RUN = 1_500

const { WAIT_CANCELLATION_COMPLETED } = ActivityCancellationType

/**
 * A fleet: keeps as many hosts running as are wanted. Its hosts are workflows of their own: they continue whatever
 * happens to this one. Observe → decide → act, on every change, which is polled for every 30 seconds; each action is
 * idempotent.
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
    this.state = { ...newFleetState(input, Date.now()), ...input.carried }
  }

  refusal(wish: FleetWish, id: string): string | undefined {
    return answerBefore(this.state, id, Date.now()) === undefined ? refusalOf(this.state, wish) : undefined
  }

  wish(wish: FleetWish, id: string): FleetAnswer {
    const before = answerBefore(this.state, id, Date.now())
    if (before !== undefined) return before
    const state = wishFleet(this.state, wish, Date.now())
    const { desired, paused, specHash } = state
    const answer = { name: this.input.name, desired, paused, specHash }
    this.state = withAnswer(state, id, answer, Date.now())
    return answer
  }
}

/** One round; returns at once when there is more to do. */
async function lookAndAct(fleet: Fleet): Promise<void> {
  const { seq } = fleet.state
  const resync = Date.now() >= fleet.resyncAt
  const view = await observe(fleet, resync)
  // Somebody asked for something meanwhile: what was seen does not answer it.
  if (fleet.state.seq !== seq) return
  if (resync) fleet.resyncAt = Date.now() + RESYNC_EVERY_MS
  fleet.state = observed(fleet.state, view, Date.now())
  const actions = decideFleet(fleet.state, view, Date.now())
  fleet.state = acted(fleet.state, actions)
  const settled = fleet.state.seq
  const failed = await act(fleet.input, fleet.state, actions)
  const isAsked = fleet.state.seq !== settled
  fleet.state = undone(fleet.state, failed)
  if (failed.start.length > 0) fleet.resyncAt = Date.now()
  present(fleet.state, view)
  const hasFailed = fleet.state.seq !== settled && !isAsked
  if (isAsked || (settled !== seq && !hasFailed)) return
  await pauseUntilAsked(fleet, view, hasFailed)
}

async function pauseUntilAsked(fleet: Fleet, view: FleetObservation, hasFailed: boolean): Promise<void> {
  const { seq, paused, retiring, replacing, surge, extra, rollout, frozen, override } = fleet.state
  const isAsked = () => fleet.state.seq !== seq
  const changing = countSlots(retiring) + countSlots(surge) + replacing.length + extra
  const isUnderWay = changing > 0 || rollout?.state === 'rolling'
  const summary = 'look again'
  if (hasFailed) await condition(isAsked, LOOK_EVERY_MS.failed, { summary })
  else if (frozen || override) await condition(isAsked, LOOK_EVERY_MS.frozen, { summary })
  // A paused fleet does not continue anything, even what is in progress.
  else await untilChanged(fleet, view, isAsked, isUnderWay && !paused ? LOOK_EVERY_MS.underWay : undefined)
}

/** Nothing is to be done, maybe for days: what is looked for meanwhile must not grow the history. */
async function untilChanged(
  fleet: Fleet,
  seen: FleetObservation,
  isAsked: () => boolean,
  everyMs: number | undefined,
): Promise<void> {
  const change = await workUntil(() => awaitChange(fleet, seen, everyMs), condition(isAsked))
  if (change?.resync) fleet.resyncAt = Date.now()
}

async function awaitChange(
  { input, state }: Fleet,
  seen: FleetObservation,
  everyMs: number | undefined,
): Promise<FleetChange> {
  const { name } = input
  const record = fleetRecord(name, state, Date.now())
  const survey = surveyRequest(state)
  const todo = activities('look again until something has changed', WAIT_CANCELLATION_COMPLETED)
  const look = { fleet: name, slots: record.slots, survey, seen, record }
  return await todo.awaitFleetChange({ ...look, ...(everyMs !== undefined && { everyMs }) })
}

const runIsLong = (): boolean =>
  workflowInfo().historyLength > MAX_EVENTS_A_RUN || workflowInfo().continueAsNewSuggested

async function observe(fleet: Fleet, resync: boolean): Promise<FleetObservation> {
  const { name } = fleet.input
  const { news } = fleet.state
  const record = fleetRecord(name, fleet.state, Date.now())
  const todo = activities(resync ? 'observe, and compare with Temporal’s list' : 'observe')
  const survey = surveyRequest(fleet.state)
  const view = await todo.observeFleet({ fleet: name, slots: record.slots, resync, record, survey, news })
  fleet.state = { ...fleet.state, news: fleet.state.news.filter((line) => !news.includes(line)) }
  return view
}

function present(state: FleetState, view: FleetObservation): void {
  const { active, desired, paused, specHash, frozen, rollout } = state
  const counts = Object.entries(view.counts).map(([phase, count]) => `- ${phase}: ${count}`)
  const signs = [paused ? ', paused' : '', frozen ? ', **frozen**' : ''].join('')
  setCurrentDetails(
    [
      `**${countSlots(active)} of ${desired} hosts**${signs}, spec ${specHash}`,
      '',
      ...counts,
      '',
      ...(rollout ? [`Rollout ${rollout.state}, ${rollout.left} left. ${rollout.reason ?? ''}`, ''] : []),
      state.note,
    ].join('\n'),
  )
}
