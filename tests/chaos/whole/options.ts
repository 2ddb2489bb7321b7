/** What a chaos run is made of. The same seed gives the same troubles; how they meet is up to the machine. */
export interface ChaosOptions {
  /** How long trouble is made, s; then everything is left alone until it has settled. */
  seconds: number
  seed: string
  /** Desired size of the fleet, before and after. */
  hosts: number
  /** Told what happens, a line each. */
  say: (line: string) => void
}

export interface ChaosReport {
  /** True when `problems` is empty. */
  ok: boolean
  seed: string
  seconds: number
  hosts: number
  /** What must not have happened, in words. */
  problems: string[]
  /** How often which trouble was made, by its name. */
  troubles: Record<string, number>
  /** How often faults have struck, by the name of the trouble: one that waits in vain does no harm. */
  struck: Record<string, number>
  /** Wishes of people that were accepted; the others met something that was away, or were refused. */
  asked: { accepted: number; unanswered: number }
  instancesMade: number
  /** Instances of the fleet that were live at one moment, at most. */
  mostLive: number
  /** Ended attempts by how they ended. */
  outcomes: Record<string, number>
  /** From the last trouble until everything was as it should be, ms. */
  settledAfterMs: number
  totalMs: number
}
