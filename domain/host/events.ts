import type { Placement } from '../spec.ts'
import type {
  ApplySpecRequest,
  PreserveRequest,
  ReclaimNotice,
  ReplaceRequest,
  RetireRequest,
  Attribution,
  AboutAttempt,
  StartedSignal,
  WorkloadFailedSignal,
} from '../messages.ts'

/** What can happen to a host. `at` is workflow time in ms; the rest is what the world said. */
export type HostMachineEvent = { at: number } &
  /** `keyId`: of the enrollment key that the token of this launch is signed with. */
  (
    | { type: 'planned'; placement: Placement; keyId?: string }
    | { type: 'held'; waitMs: number; reason: string }
    | { type: 'waited' }
    | { type: 'launched'; instanceId: string }
    | { type: 'refused'; kind: 'capacity' | 'account' | 'request'; code: string; message: string }
    | { type: 'unclear'; reason: string }
    | { type: 'found'; instanceIds: string[] }
    | { type: 'running'; privateIp: string; mac?: string }
    /** `again`: there is time to look on before the boot deadline. */
    | { type: 'notRunning'; reason: string; again: boolean }
    | { type: 'lost'; reason: string }
    | { type: 'deadline' }
    | { type: 'welcomed' }
    | { type: 'renewed' }
    | { type: 'silent' }
    | { type: 'inspected'; alive: boolean; reason: string }
    | { type: 'graceOver' }
    | { type: 'judged'; verdict: 'replace' | 'wait'; reason: string }
    | { type: 'drainTold' }
    | { type: 'drainDeadline' }
    | { type: 'evidenceTaken' }
    | { type: 'preserved' }
    | { type: 'gone'; note?: string }
    | { type: 'cancel' }
    | { type: 'started'; signal: StartedSignal }
    | { type: 'heard'; signal: AboutAttempt }
    | { type: 'drained'; signal: AboutAttempt }
    | { type: 'workloadFailed'; signal: WorkloadFailedSignal }
    | { type: 'reclaimNotice'; signal: ReclaimNotice }
    | { type: 'drain'; request: Attribution }
    | { type: 'replace'; request: ReplaceRequest }
    | { type: 'retire'; request: RetireRequest }
    | { type: 'preserve'; request: PreserveRequest }
    | { type: 'applySpec'; request: ApplySpecRequest }
  )

export type EventOf<T extends HostMachineEvent['type']> = Extract<HostMachineEvent, { type: T }>

/** An event before it has a time. */
export type Happening = HostMachineEvent extends infer E
  ? E extends HostMachineEvent
    ? Omit<E, 'at'>
    : never
  : never
