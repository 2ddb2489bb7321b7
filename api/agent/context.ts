import type { ApiDeps } from '../deps.ts'
import type { Metrics } from '../metrics.ts'
import type { Pulse } from '../pulse.ts'
import type { HostCalls } from '../temporal/host-calls.ts'
import type { BeatBuffer } from './beat-buffer.ts'
import type { CommandWatch } from './command-watch.ts'
import type { SpecReader } from './spec-reader.ts'
import type { HostSummaryReader } from './host-summary-reader.ts'
import type { TellHeard } from './tell-heard.ts'
import type { FailureReporter } from './workload-failure.ts'

/** What the handlers of agent routes work with. */
export interface AgentContext {
  deps: ApiDeps
  calls: HostCalls
  metrics: Metrics
  pulse: Pulse
  beats: BeatBuffer
  commands: CommandWatch
  readSpec: SpecReader
  readHostSummary: HostSummaryReader
  tellHeard: TellHeard
  reportFailure: FailureReporter
}
