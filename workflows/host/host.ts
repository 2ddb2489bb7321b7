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

/**
 * Holds the state of one host, and what of it calls, answers and the next run need. All decisions are in `domain/host`:
 * `apply` puts an event through them.
 */
export class Host {
  readonly input: HostInput
  state: HostState
  /** The attempt that this run began with: runs are bounded by attempts, too. */
  private readonly firstAttempt: number
  /** Events up to this number were written by the activity that ended the attempt, before they were in the state. */
  private endWrittenUpToSeq = 0
  private awaited?: { condition: () => boolean; notify: () => void }

  constructor(input: HostInput) {
    this.input = input
    const info = workflowInfo()
    this.state = input.carried ?? newHostState(input, generationOf(info.firstExecutionRunId), Date.now())
    this.firstAttempt = this.state.current.n
  }

  apply(event: Happening): void {
    this.state = written(
      decide(this.state, { ...event, at: Date.now() } as HostMachineEvent),
      this.endWrittenUpToSeq,
    )
    this.notifyIfDue()
  }

  /**
   * Calls `notify` once, as soon as the condition holds; it is checked now and after each change of the state. One
   * condition at a time: another takes its place. The SDK's `condition` would do the same, but costs every waiting host one
   * more call into the sandbox and a dozen promises, each kept with its stack.
   */
  notifyWhen(condition: () => boolean, notify: () => void): void {
    this.awaited = { condition, notify }
    this.notifyIfDue()
  }

  private notifyIfDue(): void {
    if (!this.awaited?.condition()) return
    this.awaited.notify()
    delete this.awaited
  }

  /**
   * The record as it would be after this event. The activity that ends an attempt carries it, and writes it when it has
   * succeeded: no further activity is needed for that.
   */
  recordAfter(event: Happening): HostRecord {
    const at = Date.now()
    return recordOf(this.input.host, decide(this.state, { ...event, at } as HostMachineEvent), at)
  }

  record(): HostRecord {
    return recordOf(this.input.host, this.state, Date.now())
  }

  /** Events up to this number are in the journal: they leave the state. */
  markWritten(upToSeq: number): void {
    this.state = written(this.state, upToSeq)
    this.notifyIfDue()
  }

  /** The record that {@link recordAfter} made is in the journal; its events leave the state as soon as they are in it. */
  markEndWritten({ seq }: HostRecord): void {
    this.endWrittenUpToSeq = seq
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
   * Only where nothing is in flight: before a launch (stock may be out for weeks), before a silence is judged (an outage
   * may last as long), or in ready with no wish pending. Each could outgrow the history of one run.
   */
  shouldContinueAsNew(): boolean {
    const { step, wish, current } = this.state
    const nothingInFlight = step === 'plan' || step === 'judge' || (step === 'watch' && !wish)
    if (!nothingInFlight) return false
    return (
      workflowInfo().continueAsNewSuggested ||
      current.n - this.firstAttempt >= MAX_ATTEMPTS_A_RUN ||
      Date.now() >= this.runEndsAt()
    )
  }

  /**
   * The run should end, and with it the watch of an agent, which may just be cancelled. Where there is no agent, the watch
   * ends itself at the end of the run (see `watch.ts`), because the look under way has to be waited for.
   */
  shouldEndWatch(): boolean {
    return this.state.liveness === 'agent' && this.shouldContinueAsNew()
  }

  /** The input of the next run. */
  carried(): HostInput {
    const { specHash, spec } = this.state
    return { ...this.input, specHash, spec, carried: this.state }
  }
}
