import { workflowInfo } from '@temporalio/workflow'
import { decide } from '../../domain/host/decide.ts'
import type { Happening, HostMachineEvent } from '../../domain/host/events.ts'
import { attemptKey, recordOf, written } from '../../domain/host/record.ts'
import { newHostState } from '../../domain/host/state.ts'
import type { HostInput, HostRecord, HostState } from '../../domain/host/types.ts'
import { generationOf } from '../../domain/ids.ts'
import type { HostAnswer } from '../../domain/messages.ts'
import { spread } from '../../domain/durations.ts'

const DAY_MS = 24 * 3600_000
/** Runs end after a day, spread over two hours so that a deploy day does not end all at once. */
const RUN_SPREAD_MS = 2 * 3600_000
const MAX_ATTEMPTS_A_RUN = 20

/** The state of one host and what it is made from. All decisions are in `domain/host`. */
export class Host {
  readonly input: HostInput
  state: HostState
  private readonly firstAttempt: number
  private closedUpToSeq = 0
  private awaited?: { isSo: () => boolean; tell: () => void }

  constructor(input: HostInput) {
    this.input = input
    const info = workflowInfo()
    this.state = input.carried ?? newHostState(input, generationOf(info.firstExecutionRunId), Date.now())
    this.firstAttempt = this.state.current.n
  }

  apply(event: Happening): void {
    this.state = written(
      decide(this.state, { ...event, at: Date.now() } as HostMachineEvent),
      this.closedUpToSeq,
    )
    this.tellIfSo()
  }

  /**
   * Tells once when that is so, looked at after each event. The SDK's `condition` looks as often, but one more call into
   * the sandbox and a dozen promises, each kept with its stack, are what it costs every host that waits.
   */
  whenSo(isSo: () => boolean, tell: () => void): void {
    this.awaited = { isSo, tell }
    this.tellIfSo()
  }

  private tellIfSo(): void {
    if (!this.awaited?.isSo()) return
    this.awaited.tell()
    delete this.awaited
  }

  /** What the state would be: the record of an end travels with the activity that brings it about. */
  preview(event: Happening): HostRecord {
    const at = Date.now()
    return recordOf(this.input.host, decide(this.state, { ...event, at } as HostMachineEvent), at)
  }

  record(): HostRecord {
    return recordOf(this.input.host, this.state, Date.now())
  }

  /** Events up to this number have reached the journal. */
  wrote(upToSeq: number): void {
    this.state = written(this.state, upToSeq)
    this.tellIfSo()
  }

  /** The record of an end (see `preview`) has been written: its lines are in the journal before they are in the state. */
  wroteEnd({ seq }: HostRecord): void {
    this.closedUpToSeq = seq
  }

  /** What every cloud call about this attempt's instance needs. */
  query() {
    const { controller, namespaceId, host } = this.input
    return {
      region: this.state.spec.region,
      owner: { controller, namespaceId },
      key: attemptKey(host, this.state),
      record: this.record(),
    }
  }

  answer(): HostAnswer {
    const { phase, current, generation } = this.state
    return { phase, attempt: current.n, generation }
  }

  /** When this run should end and go on as a new one. */
  runEndsAt(): number {
    const { runStartTime, workflowId } = workflowInfo()
    return runStartTime.getTime() + DAY_MS + spread(workflowId) * RUN_SPREAD_MS
  }

  /**
   * Only where nothing is in flight: before a launch, in ready with no wish pending, or before a silence is judged (an
   * outage or a want of stock may last for weeks, longer than one run's history may grow).
   */
  shouldContinueAsNew(): boolean {
    const { step, wish, current } = this.state
    const quiet = step === 'plan' || step === 'judge' || (step === 'watch' && !wish)
    if (!quiet) return false
    return (
      workflowInfo().continueAsNewSuggested ||
      current.n - this.firstAttempt >= MAX_ATTEMPTS_A_RUN ||
      Date.now() >= this.runEndsAt()
    )
  }

  /** The watch of an agent just ends with its run; looks at an instance without one are told to, and waited for. */
  watchIsLong(): boolean {
    return this.state.liveness === 'agent' && this.shouldContinueAsNew()
  }

  /** The input of the next run. */
  carried(): HostInput {
    const { specHash, spec } = this.state
    return { ...this.input, specHash, spec, carried: this.state }
  }
}
