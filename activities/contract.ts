import type { AttemptKey } from '../domain/ids.ts'
import type { Owner } from '../domain/tags.ts'
import type { HostInput, HostRecord } from '../domain/host/types.ts'
import type { SlotRange } from '../domain/fleet/slots.ts'
import type { SurveyRequest } from '../domain/fleet/survey-types.ts'
import type { FleetNews, FleetStatus, FleetView } from '../domain/fleet/types.ts'
import type { ActionInput, ActionOutcome } from '../domain/schedules/types.ts'
import type { Place } from '../domain/placement/choose-placement.ts'
import type { HostSpec, Placement } from '../domain/spec.ts'
import type { SweepInput, SweepReport } from '../domain/sweep/types.ts'

/**
 * The activities that workflows call. Types only: workflows import them, activities implement them. Every host activity
 * takes the record to write, once per try, and is retried as a whole; most write it last, when their own work is done.
 */
export interface HostActivities {
  /** Holds, capacity notes and the spec's order or weights → a placement, or how long to wait. One store transaction. */
  planLaunch(input: PlanLaunchInput): Promise<PlanAnswer>
  /** One `RunInstances` with a deterministic ClientToken. Definite answers return; anything else throws and is retried with the same token. */
  launchInstance(input: LaunchInput): Promise<LaunchAnswer>
  /** Instances of exactly this attempt, by tags, all pages. */
  findInstances(input: FindInput): Promise<FoundInstance[]>
  /** One look per try; fails BENIGN with the next grid point as `nextRetryDelay` until Running with an address, or gone. */
  awaitRunning(input: InstanceInput): Promise<RunningAnswer>
  /** Console, screenshot and system events into the `evidence` table; within 10 s; never throws for a cloud refusal. */
  captureEvidence(input: InstanceInput): Promise<EvidenceAnswer>
  /** Clears the dead-man release time, notes the address. */
  becomeReady(input: BecomeReadyInput): Promise<PresenceAnswer>
  /** Pushes the dead-man release time `releaseInMs` from now. */
  renewDeadMan(input: RenewDeadManInput): Promise<PresenceAnswer>
  /** Completed from outside: beats keep it alive, silence ends it with a heartbeat timeout. */
  watchAgent(input: WatchInput): Promise<void>
  /**
   * For a host that cannot beat, or drains: one look per try, and fails BENIGN with the next look as `nextRetryDelay` for as long as
   * the instance is there: no event in the history, whatever the number of looks.
   */
  awaitLost(input: AwaitLostInput): Promise<LossAnswer>
  /** One describe of an instance that fell silent. */
  inspectSilent(input: InstanceInput): Promise<Inspection>
  /** One transaction over the fleet's ready and silent hosts: may this one be replaced? */
  judgeSilence(input: JudgeInput): Promise<Verdict>
  /** Puts a command for the agent into the store; beats carry it until it is acknowledged. */
  tellAgent(input: TellAgentInput): Promise<void>
  /** Pushes the release time and tags the instance; the host moves on. */
  preserveInstance(input: PreserveInput): Promise<PresenceAnswer>
  /** Deletes until the cloud says gone. With no instance id it makes sure by tags that there is none. */
  deleteInstance(input: DeleteInput): Promise<DeleteAnswer>
  /** Writes the record and nothing else: only for final lines that no other activity can carry. */
  recordHost(input: WithRecord): Promise<void>
}

export interface WatchInput extends AttemptKey {
  /** Present where something has not been written yet: that a silent host is heard again. */
  record?: HostRecord
}

export interface WithRecord {
  record: HostRecord
}

/** Which instance, whose, and where to look for it. */
export interface InstanceQuery extends WithRecord {
  region: string
  owner: Owner
  key: AttemptKey
}

export interface FindInput extends InstanceQuery {
  /** The instance an agent says it runs on; given back only when its tags are of this attempt. */
  claimedId?: string
}

export interface InstanceInput extends InstanceQuery {
  instanceId: string
}

export interface AwaitLostInput extends InstanceInput {
  /** The instance is to end anyway: an announced reclaim does not count as a loss yet. */
  drains?: boolean
}

export interface PlanLaunchInput extends WithRecord {
  key: AttemptKey
  launch: number
  spec: HostSpec
  /** Where the last boots of this host have failed, the latest last. */
  failedAt?: Place[]
  /** Where this attempt's launches were refused for what the place is, the latest last. */
  refusedAt?: Place[]
}

export type PlanAnswer =
  | { outcome: 'placed'; placement: Placement }
  | { outcome: 'wait'; waitMs: number; reason: string; cause: 'capacity' | 'hold' }

export interface LaunchInput extends InstanceQuery {
  launch: number
  placement: Placement
  /** Where this attempt's launches were refused before for what the place is. */
  refusedAt?: Place[]
  spec: HostSpec
  api: HostInput['api']
  /** From the workflow's record, never from a clock: ms since 1970. */
  autoReleaseAt: number
  tokenExpiresAt: number
}

export type LaunchAnswer =
  | { outcome: 'launched'; instanceId: string; requestId: string }
  | { outcome: 'refused'; kind: RefusalKind; code: string; message: string; requestId?: string }
  /** Nobody can say whether an instance was made: look it up by tags. */
  | { outcome: 'unclear'; code: string; message: string }

/** capacity: try elsewhere; account: a person must act; request: the spec is wrong. */
export type RefusalKind = 'capacity' | 'account' | 'request'

export interface FoundInstance {
  instanceId: string
  status: string
  privateIp?: string
  mac?: string
}

export type RunningAnswer =
  | { outcome: 'running'; privateIp: string; mac?: string }
  | { outcome: 'gone'; reason: string }

export type EvidenceAnswer = { captured: ('console' | 'screenshot' | 'events')[] }

export interface BecomeReadyInput extends InstanceInput {
  privateIp?: string
  /** Absent: cleared. */
  releaseInMs?: number
}

export interface RenewDeadManInput extends InstanceInput {
  releaseInMs: number
}

export type PresenceAnswer = { outcome: 'done' } | { outcome: 'gone'; reason: string }

export type Inspection = { outcome: 'alive' } | LossAnswer

export type LossAnswer =
  | { outcome: 'gone'; reason: string }
  /** The cloud has announced that it takes the instance. */
  | { outcome: 'reclaimed'; reason: string }

export interface JudgeInput extends WithRecord {
  key: AttemptKey
  heartbeatTimeoutMs: number
  silentGraceMs: number
}

export interface Verdict {
  verdict: 'replace' | 'wait'
  reason: string
}

export interface TellAgentInput extends WithRecord {
  key: AttemptKey
  command: 'drain'
}

export interface PreserveInput extends InstanceInput {
  forMs: number
  /** Written once it is preserved; `record` is written before. */
  recordWhenKept: HostRecord
}

export interface DeleteInput extends InstanceQuery {
  instanceId?: string
  /** Why, for the timeline and the journal. */
  reason: string
  /** Written once the instance is gone; `record` is written before. */
  recordWhenGone: HostRecord
}

export interface DeleteAnswer {
  /** Instances that were deleted; none when the cloud never had one. */
  deleted: string[]
}

/** What the fleet workflow asks. */
export interface FleetActivities {
  observeFleet(input: ObserveFleetInput): Promise<FleetObservation>
  /**
   * For a fleet where nothing is to be done: one look per try, and fails BENIGN with the next look as `nextRetryDelay`
   * until something else is seen than before: no event in the history, however long the fleet is left alone.
   */
  awaitFleetChange(input: AwaitFleetChangeInput): Promise<FleetChange>
  /** Starts host workflows; one that runs already is left alone. */
  startHosts(input: StartHostsInput): Promise<SlotResult>
  /** Sends `retire`; a host that has ended is done. */
  retireHosts(input: RetireHostsInput): Promise<SlotResult>
  /** Sends `applySpec` to hosts that run an older spec: it takes effect with their next attempt. */
  applySpecToHosts(input: ApplySpecInput): Promise<SlotResult>
  /** Sends `replace`: drain, delete, and a new instance of that spec; a host that has ended is done. */
  replaceHosts(input: ReplaceHostsInput): Promise<SlotResult>
}

export interface FleetLookInput {
  fleet: string
  /** The slots the fleet believes to be running, retiring ones included. */
  slots: SlotRange[]
  /** What is asked of the projection. */
  survey: SurveyRequest
}

export interface ObserveFleetInput extends FleetLookInput {
  /** True every 10 minutes: ask Temporal's visibility, not only the projection. */
  resync: boolean
  /** What the dashboard shows of the fleet. */
  record: FleetRecord
  /** For the audit. */
  news: FleetNews[]
}

export interface FleetRecord {
  name: string
  desired: number
  paused: boolean
  specHash: string
  slots: SlotRange[]
  /** Counts up with every change of the fleet: an older record never overwrites a newer one. */
  seq: number
  note: string
  /** Instants of workflow time; the writer moves them to its own. */
  status: FleetStatus
  /** Workflow time when this was said, ms: it may be ahead of the wall clock. */
  at: number
}

/** At most 200 slots that need a decision, and counts. */
export type FleetObservation = FleetView

export interface AwaitFleetChangeInput extends FleetLookInput {
  seen: FleetView
  /** Written with every look: people see that the fleet looks. */
  record: FleetRecord
  /** Between two looks, where something is under way; default 30 s. */
  everyMs?: number
}

export interface FleetChange {
  /** Temporal's own list of workflows shows it: only a comparison with that list sees it again. */
  resync: boolean
}

export interface StartHostsInput {
  fleet: string
  slots: number[]
  input: Omit<HostInput, 'host' | 'carried'>
}

export interface RetireHostsInput {
  fleet: string
  slots: number[]
  by: string
  why: string
}

export interface ApplySpecInput {
  fleet: string
  slots: number[]
  specHash: string
  spec: HostSpec
  /** Where it has changed since the hosts were started. */
  api?: HostInput['api']
  by: string
  why: string
}

export type ReplaceHostsInput = ApplySpecInput

export interface SlotResult {
  done: number[]
  failed: { slot: number; reason: string }[]
}

/** What `actionWorkflow` asks. */
export interface ActionActivities {
  /** Carries out one firing of a schedule; the same firing tried again is the same wish. */
  performAction(input: PerformActionInput): Promise<ActionOutcome>
}

export interface PerformActionInput {
  input: ActionInput
  /** Id of the workflow: the update that is sent has it, too. */
  firing: string
}

/** What `sweepWorkflow` asks. */
export interface SweepActivities {
  /** Compares what the cloud has with what hosts claim; marks, deletes what was marked long ago, and reports. */
  sweepOrphans(input: SweepInput): Promise<SweepReport>
}
