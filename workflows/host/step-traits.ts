import type { WorkStep } from '../../domain/host/types.ts'

/**
 * What becomes of a step when a message moves the host to another one.
 *
 * - `finish`: it is carried through, and the message acts on its result. An instance must not be lost between two answers,
 *   and cancelling a call that is about to answer only costs events.
 * - `cancel`: a wait. It is cancelled and the host moves on at once.
 * - `abandon`: the host moves on at once, but nothing is cancelled: the activity only looks or reports, and ends on its own.
 */
type Interruption = 'finish' | 'cancel' | 'abandon'

export interface StepTraits {
  interruption: Interruption
  /** The host is up: the cloud's dead-man switch is renewed for as long as the step lasts, where the spec keeps it armed. */
  renewsDeadMan: boolean
}

export const STEP_TRAITS: Readonly<Record<WorkStep, StepTraits>> = {
  plan: { interruption: 'finish', renewsDeadMan: false },
  wait: { interruption: 'cancel', renewsDeadMan: false },
  launch: { interruption: 'finish', renewsDeadMan: false },
  lookup: { interruption: 'finish', renewsDeadMan: false },
  lookupPause: { interruption: 'cancel', renewsDeadMan: false },
  awaitRunning: { interruption: 'abandon', renewsDeadMan: false },
  awaitStarted: { interruption: 'cancel', renewsDeadMan: false },
  becomeReady: { interruption: 'finish', renewsDeadMan: false },
  watch: { interruption: 'cancel', renewsDeadMan: true },
  inspect: { interruption: 'abandon', renewsDeadMan: true },
  grace: { interruption: 'cancel', renewsDeadMan: true },
  judge: { interruption: 'abandon', renewsDeadMan: true },
  judgePause: { interruption: 'cancel', renewsDeadMan: true },
  tellDrain: { interruption: 'abandon', renewsDeadMan: true },
  awaitDrained: { interruption: 'cancel', renewsDeadMan: true },
  evidence: { interruption: 'finish', renewsDeadMan: false },
  preserve: { interruption: 'finish', renewsDeadMan: false },
  delete: { interruption: 'finish', renewsDeadMan: false },
}
