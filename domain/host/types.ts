import type { AttemptKey, HostId } from '../ids.ts'
import type { Place } from '../placement/choose-placement.ts'
import type { HostSpec, Placement } from '../spec.ts'

/**
 * The state of a host. `waiting` is a host without an instance that waits for stock, a hold or its back-off; `silent`
 * is ready without beats: a state, not an order to delete.
 */
export type HostPhase =
  | 'waiting'
  | 'launching'
  | 'booting'
  | 'ready'
  | 'silent'
  | 'draining'
  | 'deleting'
  | 'retired'

/** How an attempt ended. */
export type AttemptOutcome =
  /** no `started` before the boot deadline */
  | 'mute'
  /** the cloud gave the instance up: vanished, stopped or reclaimed */
  | 'lost'
  /** silent, and judged so */
  | 'silent'
  /** its workload failed for good */
  | 'failed'
  /** nobody can say whether it was ever made, and none was found */
  | 'unclear'
  /** replaced on request */
  | 'replaced'
  /** retired on request */
  | 'retired'
  /** the workflow was cancelled */
  | 'cancelled'

/** One line of the host's story, kept for its last attempts. Instants in ms since 1970. */
export interface AttemptSummary {
  n: number
  launches: number
  placement?: Placement
  instanceId?: string
  launchedAt?: number
  startedAt?: number
  deletedAt?: number
  outcome: AttemptOutcome
  reason: string
  preserved?: boolean
}

/** An event of the journal. `seq` counts 1, 2, 3 … within a generation. */
export interface HostEvent {
  seq: number
  /** Workflow time, ms; the writer adds its own wall clock. */
  at: number
  kind: HostEventKind
  attempt: number
  /** For people. Never a secret. */
  text: string
  data?: Record<string, unknown>
}

export type HostEventKind =
  | 'born'
  | 'planned'
  | 'held'
  | 'launched'
  | 'refused'
  | 'unclear'
  | 'adopted'
  | 'running'
  | 'notRunning'
  | 'started'
  | 'refusedStarted'
  | 'deadline'
  | 'silent'
  | 'heard'
  | 'judged'
  | 'lost'
  | 'reclaim'
  | 'workloadFailed'
  | 'wish'
  | 'draining'
  | 'drained'
  | 'deleting'
  | 'preserved'
  | 'gone'
  | 'retired'

/** What a person or the fleet wants of a host; the strongest request wins (retire over replace over drain). */
export interface Wish {
  kind: 'drain' | 'replace' | 'retire'
  by: string
  why: string
  /** False: delete at once. */
  drain: boolean
}

/** What is written with every activity of a host: the row people see, and the events since the last write. */
export interface HostRecord extends AttemptKey {
  fleet: string
  slot: number
  phase: HostPhase
  /** Last event's seq: an older record never overwrites a newer one. */
  seq: number
  /** Workflow time when this was said, ms: it may be ahead of the wall clock. */
  at: number
  specHash: string
  imageId: string
  region: string
  zone?: string
  instanceType?: string
  instanceId?: string
  privateIp?: string
  mac?: string
  liveness: 'agent' | 'none'
  reason: string
  /** Enrollment key that the token of its agent is signed with; absent before a launch is planned. */
  keyId?: string
  launchedAt?: number
  bootDeadline?: number
  waitUntil?: number
  readyAt?: number
  /** When the cloud takes the instance, as it has announced. */
  reclaimAt?: number
  wish?: Wish['kind']
  failure?: AttemptOutcome
  events: HostEvent[]
}

/** What a host workflow is started with; `carried` after continue-as-new. */
export interface HostInput {
  host: HostId
  controller: string
  /** UUID of the Temporal namespace: two installations that share an account never touch each other's instances. */
  namespaceId: string
  specHash: string
  spec: HostSpec
  api: { url: string; keyId: string }
  /** Why it is started, for its journal. */
  why?: string
  /** Base URL of the dashboard for links in the Temporal UI. */
  dashboardUrl?: string
  carried?: HostState
}

/**
 * What the host does now. Each step is one activity or one wait; `decide` moves to the next. The number in the state
 * (`stepNo`) distinguishes two visits of the same step.
 */
export type HostStep =
  | 'plan'
  | 'wait'
  | 'launch'
  | 'lookup'
  | 'lookupPause'
  | 'awaitRunning'
  | 'awaitStarted'
  | 'becomeReady'
  | 'watch'
  | 'inspect'
  | 'grace'
  | 'judge'
  | 'judgePause'
  | 'tellDrain'
  | 'awaitDrained'
  | 'evidence'
  | 'preserve'
  | 'delete'
  | 'end'

/** A step with something to carry out. */
export type WorkStep = Exclude<HostStep, 'end'>

/** The current attempt. Instants in ms of workflow time. */
export interface CurrentAttempt {
  n: number
  /** 1, 2, 3 … `RunInstances` requests of this attempt. */
  launch: number
  placement?: Placement
  /** Enrollment key of this launch's token; absent where it was planned before this was kept. */
  keyId?: string
  launchedAt?: number
  bootDeadline?: number
  /** The cloud's own dead-man switch, as sent with the launch. */
  autoReleaseAt?: number
  /** When the switch is to be set again, where the spec keeps it armed. */
  renewAt?: number
  instanceId?: string
  privateIp?: string
  mac?: string
  running: boolean
  startedAt?: number
  bootId?: string
  /** Placements whose launch was refused for what they are, the latest last: a vSwitch that is gone, a type not sold there. */
  refusedAt?: Place[]
  /** It was not seen running in time: Muster keeps looking for its address, and does not report it again. */
  unseen?: true
  /** The id an agent named before the launch had answered. */
  claimedId?: string
  /** How it will end, set when the way to the end begins. */
  outcome?: AttemptOutcome
  reason?: string
  lookups: number
}

/** Plain JSON: it travels through continue-as-new. */
export interface HostState {
  phase: HostPhase
  step: HostStep
  stepNo: number
  generation: string
  specHash: string
  spec: HostSpec
  current: CurrentAttempt
  /** Failed attempts in a row, for the back-off. */
  failures: number
  /** Attempts in a row whose workload failed soon after it had begun. */
  quickFailures?: number
  liveness: 'agent' | 'none'
  waitUntil?: number
  waitReason?: string
  /** Why no placement was free at the last look: said again a minute later, it is no news. */
  heldReason?: string
  readyAt?: number
  /** When the cloud takes the instance, as it has announced. */
  reclaimAt?: number
  silentSince?: number
  /** When the cloud was last asked whether the silent instance is there. */
  lookedAt?: number
  /** The last answer to "may it be replaced?": said again, it is no news. */
  judgement?: string
  drainUntil?: number
  wish?: Wish
  /** Spec for the next attempt (`applySpec`, `replace`). */
  nextSpec?: { hash: string; spec: HostSpec }
  /** For launches to come, where it has changed since the host was started. */
  api?: HostInput['api']
  /** Until when the cloud keeps instances of attempts that failed, those still to come. */
  keptUntil?: number[]
  /** Asked for by a person: this attempt's instance is kept that long instead of being deleted. */
  preserveForMs?: number
  cancelled: boolean
  lastFailure?: AttemptOutcome
  /** The last twenty. */
  attempts: AttemptSummary[]
  seq: number
  /** Not yet written. */
  events: HostEvent[]
  /** Lines that came while the closing record was already on its way; they follow it. */
  later?: HostEvent[]
}
