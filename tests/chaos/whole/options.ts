/** What a chaos run is made of. The same seed gives the same troubles; how they meet is up to the machine. */
export interface ChaosOptions {
  /** How long trouble is made, s; then everything is left alone until it has settled. */
  seconds: number
  seed: string
  /** Desired size of the fleet, before and after. */
  hosts: number
  /** How many of the hosts, the lowest numbers, run real agents: a process each. The others' are simulated. */
  realAgents: number
  /** Told what happens, a line each. */
  say: (line: string) => void
}

/** What was made to happen. */
export interface Happened {
  /** How often which trouble was made, by its name. */
  troubles: Record<string, number>
  /** How often faults have struck, by the name of the trouble: one that waits in vain does no harm. */
  struck: Record<string, number>
  /** How often which wish of people was accepted. */
  accepted: Record<string, number>
  /** Wishes that met something that was away, or were refused. */
  unanswered: number
}

export interface ChaosReport extends Happened {
  /** True when `problems` is empty. */
  ok: boolean
  seed: string
  seconds: number
  hosts: number
  /** What must not have happened, and what must have and has not, in words. */
  problems: string[]
  instancesMade: number
  /** How many of them had a real agent. */
  realAgents: number
  /** Instances of the fleet that were live at one moment, at most. */
  mostLive: number
  /** Ended attempts by how they ended. */
  outcomes: Record<string, number>
  /** From the last trouble until everything was as it should be, ms. */
  settledAfterMs: number
  totalMs: number
}
