import type { CommandAck, HostFacts, WorkloadReport } from '../domain/wire.ts'
import type { Api } from './post.ts'
import type { Runtime } from './runtime.ts'
import type { Supervisor } from './workload/supervisor.ts'

/** Why the agent ends. `gone`: the API proved that this attempt is over. `stopped`: it was told to. */
export type EndReason = 'gone' | 'stopped'

/** What one run of the agent knows and owes between `started` and its end. */
export interface Session {
  readonly api: Api
  readonly runtime: Runtime
  readonly bootId: string
  readonly heartbeatMs: number
  /** Beats sent so far in this run. */
  seq: number
  /** Facts to send with the next beat; cleared when a beat with them was accepted. */
  facts?: HostFacts | undefined
  /** When the cloud takes the instance; cleared when a beat with it was accepted. */
  reclaimAt?: string | undefined
  /** Commands done or refused, not yet sent in an accepted beat. */
  acks: CommandAck[]
  /** Commands already obeyed in this run: they come again until their acknowledgement has arrived. */
  readonly obeyed: Set<string>
  /** Undefined before the workload's files are there, and when there is none. */
  workload?: Supervisor | undefined
  /** Stands in for the supervisor's report while there is none. */
  workloadState: WorkloadReport
  /** Set once by a drain or stop: no workload is started after it. */
  draining?: Promise<void>
  endReason?: EndReason
  /** Ends the wait for the next beat. */
  wake?: (() => void) | undefined
  readonly marker: DrainMarker
}

/** Remembers on disk that this attempt was drained: a restarted agent must not take up work again. */
export interface DrainMarker {
  isSet(): boolean
  set(): void
}

/** The first reason counts. The beat loop sends a last beat and returns. */
export function endSession(session: Session, endReason: EndReason): void {
  session.endReason ??= endReason
  session.wake?.()
}

export function reportWorkload(session: Session): WorkloadReport {
  return session.workload?.report() ?? session.workloadState
}
