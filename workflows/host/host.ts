import { workflowInfo } from '@temporalio/workflow'
import { decide } from '../../domain/host/decide.ts'
import type { Happening, HostMachineEvent } from '../../domain/host/events.ts'
import { attemptKey, recordOf, written } from '../../domain/host/record.ts'
import { newHostState } from '../../domain/host/state.ts'
import type { HostInput, HostRecord, HostState } from '../../domain/host/types.ts'
import { generationOf } from '../../domain/ids.ts'
import type { HostAnswer } from '../../domain/messages.ts'
import { spread } from '../../domain/durations.ts'
import type { InstanceQuery } from '../../activities/contract.ts'

const DAY_MS = 24 * 3600_000
/** Runs end after a day, spread over two hours so that the runs begun by one deploy do not all end at once. */
const RUN_SPREAD_MS = 2 * 3600_000
const MAX_ATTEMPTS_PER_RUN = 20

/**
 * Holds the state of one host, and derives from it what activities, answers to messages and the next run need. All
 * decisions are made in `domain/host`: `apply` passes an event to them.
 */
export class Host {
  readonly input: HostInput
  state: HostState
  /** The attempt that this run began with: the number of attempts per run is limited, too. */
  private readonly firstAttempt: number
  /** Events up to this number were written by the activity that ended the attempt, before they were in the state. */
  private endWrittenUpToSeq = 0
  private waiter?: { condition: () => boolean; notify: () => void }

  constructor(input: HostInput) {
    this.input = input
    const info = workflowInfo()
    this.state = input.carried ?? newHostState(input, generationOf(info.firstExecutionRunId), Date.now())
    this.firstAttempt = this.state.current.n
  }

  apply(event: Happening): void {
    this.state = written(this.stateAfter(event, Date.now()), this.endWrittenUpToSeq)
    this.notifyIfDue()
  }

  private stateAfter(event: Happening, at: number): HostState {
    return decide(this.state, { ...event, at } as HostMachineEvent)
  }

  /**
   * Calls `notify` once, as soon as the condition holds; it is checked now and after each change of the state. There is
   * one condition at a time: a new one replaces it. The SDK's `condition` would do the same, but costs every waiting host
   * one more call into the sandbox and a dozen promises, each kept with its stack.
   */
  notifyWhen(condition: () => boolean, notify: () => void): void {
    this.waiter = { condition, notify }
    this.notifyIfDue()
  }

  private notifyIfDue(): void {
    if (!this.waiter?.condition()) return
    this.waiter.notify()
    delete this.waiter
  }

  /**
   * The record as it would be after this event. The activity that ends an attempt takes it as input and writes it once it
   * has succeeded, so that no further activity is needed for that.
   */
  recordAfter(event: Happening): HostRecord {
    const at = Date.now()
    return recordOf(this.input.host, this.stateAfter(event, at), at)
  }

  record(): HostRecord {
    return recordOf(this.input.host, this.state, Date.now())
  }

  /** Events up to this number are in the journal: they are removed from the state. */
  markWritten(upToSeq: number): void {
    this.state = written(this.state, upToSeq)
    this.notifyIfDue()
  }

  /** The record from {@link recordAfter} is in the journal: its events are removed from the state once `apply` adds them. */
  markEndWritten({ seq }: HostRecord): void {
    this.endWrittenUpToSeq = seq
  }

  /** What every activity about this attempt's instance needs. */
  instanceQuery(): InstanceQuery {
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

  /** When this run should end and continue as a new one, in ms since 1970. */
  runEndsAt(): number {
    const { runStartTime, workflowId } = workflowInfo()
    return runStartTime.getTime() + DAY_MS + spread(workflowId) * RUN_SPREAD_MS
  }

  /** True when this run has reached its limit and nothing would be lost by ending it now. */
  shouldContinueAsNew(): boolean {
    return this.isBetweenActions() && this.isRunOver()
  }

  /**
   * Nothing is in flight before a launch (stock may be out for weeks), before a silence is judged (an outage may last as
   * long), and in ready with no wish pending. A host may stay in each of these for longer than the history of one run
   * allows, so it is enough to end runs there.
   */
  private isBetweenActions(): boolean {
    const { step, wish } = this.state
    return step === 'plan' || step === 'judge' || (step === 'watch' && !wish)
  }

  private isRunOver(): boolean {
    return (
      workflowInfo().continueAsNewSuggested ||
      this.state.current.n - this.firstAttempt >= MAX_ATTEMPTS_PER_RUN ||
      Date.now() >= this.runEndsAt()
    )
  }

  /**
   * True when the run should end and an agent is being watched: that watch can simply be cancelled. Where there is no
   * agent, the watch returns on its own at the end of the run (see `watch.ts`), because a look in progress must be awaited.
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
