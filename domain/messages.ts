import type { FleetPolicy } from './fleet/policy.ts'
import type { HostSpec } from './spec.ts'
import type { HostFacts } from './wire.ts'

/**
 * Names and payloads of the messages of host and fleet workflows. They are a public contract: running workflows and
 * other clients use them, so a name is never reused for another meaning.
 */
export const HOST_SIGNALS = {
  started: 'started',
  heard: 'heard',
  drained: 'drained',
  workloadFailed: 'workloadFailed',
  reclaimNotice: 'reclaimNotice',
} as const

export const HOST_UPDATES = {
  drain: 'drain',
  replace: 'replace',
  retire: 'retire',
  preserve: 'preserve',
  applySpec: 'applySpec',
} as const

export const HOST_QUERIES = { state: 'state' } as const

export const FLEET_UPDATES = {
  resize: 'resize',
  apply: 'apply',
  pause: 'pause',
  resume: 'resume',
  roll: 'roll',
  rollback: 'rollback',
  overrideFreeze: 'overrideFreeze',
  mark: 'mark',
  unmark: 'unmark',
} as const
export const FLEET_QUERIES = { state: 'state' } as const

/** Workflow type names. */
export const WORKFLOWS = {
  host: 'hostWorkflow',
  fleet: 'fleetWorkflow',
  action: 'actionWorkflow',
  sweep: 'sweepWorkflow',
  report: 'reportWorkflow',
} as const

/** Which instance a message is about: one of an older attempt or generation changes nothing. */
export interface AboutAttempt {
  generation: string
  attempt: number
}

export interface StartedSignal extends AboutAttempt {
  bootId: string
  facts: HostFacts
  /** `none`: known by its private address only, so it cannot beat. */
  liveness: 'agent' | 'none'
}

export interface WorkloadFailedSignal extends AboutAttempt {
  reason: string
}

export interface ReclaimNotice extends AboutAttempt {
  reason: string
  /** How long until the cloud takes the instance. */
  inMs: number
}

/** Who asked, and why: kept in journal and audit. */
export interface Attribution {
  by: string
  why: string
}

export interface ReplaceRequest extends Attribution {
  /** False: delete without draining. Default true. */
  drain?: boolean
  spec?: { hash: string; spec: HostSpec }
  /** For the next launch, as in {@link ApplySpecRequest}. */
  api?: { url: string; keyId: string }
}

export interface RetireRequest extends Attribution {
  drain?: boolean
}

/** Keep the instance for a person to look at. A duration, because workflow time may differ from the wall clock. */
export interface PreserveRequest extends Attribution {
  /** ≥ 30 min (the cloud's own minimum), ≤ 30 days. */
  forMs: number
}

export interface ApplySpecRequest extends Attribution {
  hash: string
  spec: HostSpec
  /** How agents of launches to come reach the API, and the key of their tokens; absent: as before. */
  api?: { url: string; keyId: string }
}

/** What every host update answers. */
export interface HostAnswer {
  phase: string
  attempt: number
  generation: string
}

export interface ResizeRequest extends Attribution {
  size: number
}

export interface ApplyFleetRequest extends Attribution {
  specHash: string
  spec: HostSpec
  /** Absent: the size stays. */
  size?: number
  /** Absent: the policy stays. */
  policy?: FleetPolicy
  /** How agents of launches to come reach the API, and the key of their tokens; absent: as before. */
  api?: { url: string; keyId: string }
}

/** Hosts that do not run the fleet's spec are replaced, in turn; with `force` those that do as well. */
export interface RollRequest extends Attribution {
  force?: boolean
}

/** The fleet acts although it is frozen, and silent hosts may be replaced. */
export interface OverrideFreezeRequest extends Attribution {
  /** 1 minute to 24 hours. */
  forMs: number
}

/** Slots that go first when the fleet shrinks. */
export interface MarkRequest extends Attribution {
  slots: number[]
}

export interface FleetAnswer {
  name: string
  desired: number
  paused: boolean
  specHash: string
}
