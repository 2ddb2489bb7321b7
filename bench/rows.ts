import type { Bench } from './row.ts'
import { agentStart } from './rows/agent-start.ts'
import { cron } from './rows/cron.ts'
import { deadlineLateness } from './rows/deadline-lateness.ts'
import { ecsCalls } from './rows/ecs-calls.ts'
import { firstReady } from './rows/first-ready.ts'
import { fleet } from './rows/fleet.ts'
import { heartbeats } from './rows/heartbeats.ts'
import { historyEvents } from './rows/history-events.ts'
import { lives } from './rows/lives.ts'
import { startedAnswer } from './rows/started-answer.ts'
import { workerMemory } from './rows/worker-memory.ts'

/** Every benchmark, in the order of the report. */
export const BENCHES: readonly Bench[] = [
  lives,
  historyEvents,
  deadlineLateness,
  ecsCalls,
  heartbeats,
  startedAnswer,
  agentStart,
  workerMemory,
  firstReady,
  fleet,
  cron,
]
