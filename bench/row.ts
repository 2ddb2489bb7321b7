/** One line of the report. Its keys are what programs read; see `docs/performance.md` for what each row measures. */
export interface Row {
  id: string
  value: number
  unit: string
  /** What it is held against, each with its own figure from the same run. */
  against: string
  /** value / the first rival's value; null where the budget is a plain number. */
  ratio: number | null
  budget: string
  met: boolean
}

export type Finding = Omit<Row, 'id'>

/** A benchmark: one row of the report, or several that come of one run, each id beginning with the benchmark's. */
export interface Bench {
  id: string
  about: string
  run(context: BenchContext): Promise<Finding | Row[]>
}

export interface BenchContext {
  /** Path of the Temporal CLI. */
  temporalCli: string
  /** How much is done: the quick counts show that a row runs, and measure nothing. */
  counts: Counts
  /** Tells people on stderr how far it is. */
  say(line: string): void
  /** Processes under test leave CPU profiles here. */
  profileDir?: string
}

/** How many of what, row by row. */
export interface Counts {
  /** Lives of each kind in one round, how many at a time, and rounds in which all kinds take turns. */
  lives: { perRound: number; inFlight: number; rounds: number }
  historyBeats: number
  /** Hosts due at once, rounds, and from the start to the deadline. */
  lateness: { hosts: number; rounds: number; leadMs: number }
  ecsHosts: number
  beats: { hosts: number; perRound: number; inFlight: number; rounds: number }
  started: { hosts: number; rounds: number }
  agentStarts: number
  /** Hosts in the worker before the first look at its memory, and between the first and the second. */
  memory: { first: number; more: number }
  firstReadyRuns: number
  fleet: FleetCounts
  /** CPU time of each side in one round, rounds in which all sides take turns, and firings of the schedule. */
  cron: { perRoundMs: number; rounds: number; firings: number }
}

export interface FleetCounts {
  hosts: number
  /** How long instances boot: log-normally distributed. */
  boot: { medianSeconds: number; sigma: number }
  heartbeatSeconds: number
  /** Of the looks at instances. */
  gridMs: number
  /** Where a tenth of the hosts stays mute: what they are waited for, and the pause before their second attempt. */
  mute: { bootTimeoutMs: number; backoffMs: number }
}

export const FULL: Counts = {
  lives: { perRound: 60, inFlight: 30, rounds: 7 },
  historyBeats: 100,
  lateness: { hosts: 200, rounds: 3, leadMs: 15_000 },
  ecsHosts: 1_000,
  beats: { hosts: 200, perRound: 3_000, inFlight: 50, rounds: 5 },
  started: { hosts: 200, rounds: 5 },
  agentStarts: 15,
  memory: { first: 1_000, more: 1_000 },
  firstReadyRuns: 3,
  fleet: {
    hosts: 1_000,
    boot: { medianSeconds: 45, sigma: 0.4 },
    heartbeatSeconds: 15,
    gridMs: 5_000,
    mute: { bootTimeoutMs: 150_000, backoffMs: 5_000 },
  },
  cron: { perRoundMs: 400, rounds: 7, firings: 90 },
}

export const QUICK: Counts = {
  lives: { perRound: 3, inFlight: 3, rounds: 1 },
  historyBeats: 3,
  lateness: { hosts: 3, rounds: 1, leadMs: 4_000 },
  ecsHosts: 2,
  beats: { hosts: 2, perRound: 20, inFlight: 2, rounds: 1 },
  started: { hosts: 3, rounds: 1 },
  agentStarts: 1,
  memory: { first: 3, more: 3 },
  firstReadyRuns: 1,
  fleet: {
    hosts: 3,
    boot: { medianSeconds: 0.2, sigma: 0.4 },
    heartbeatSeconds: 1,
    gridMs: 500,
    mute: { bootTimeoutMs: 4_000, backoffMs: 200 },
  },
  cron: { perRoundMs: 5, rounds: 1, firings: 3 },
}
