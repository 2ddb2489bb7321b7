import type { Workload, WorkloadReport } from '../../domain/wire.ts'
import type { Log } from '../log.ts'
import { ceilingMs } from '../retry.ts'
import type { BackOff } from '../retry.ts'
import { killTree } from './kill.ts'
import { launchProcess } from './process.ts'
import type { RunningProcess } from './process.ts'

/** Runs one workload and keeps it running as its restart rule says. */
export interface Supervisor {
  start(): void
  /** Graceful, forced after `stopTimeoutMs`; resolves when nothing of it runs. Never started again after this. */
  stop(): Promise<void>
  /** At once, for an agent that dies. */
  kill(): void
  report(): WorkloadReport
}

export interface SupervisorOptions {
  workload: Workload
  /** Working folder. */
  cwd: string
  env: Record<string, string | undefined>
  log: Log
  nowMs: () => number
  restartBackOff?: BackOff
}

/** A program that dies at once is tried after 1 s, then ever slower to once a minute. */
const RESTART_BACK_OFF: BackOff = { baseMs: 1_000, capMs: 60_000 }
/** After a run of this length the next failure counts as the first again. */
const STEADY_RUN_MS = 60_000

interface Watched {
  report: WorkloadReport
  running?: RunningProcess | undefined
  /** Why the system could not start it. */
  error?: string
  startedAtMs: number
  /** Ends in a row without a steady run between. */
  quickEnds: number
  restartTimer?: NodeJS.Timeout
  stopping?: Promise<void>
}

export function superviseWorkload(options: SupervisorOptions): Supervisor {
  const watched: Watched = { report: { state: 'starting', restarts: 0 }, startedAtMs: 0, quickEnds: 0 }
  return {
    start: () => start(watched, options),
    stop: () => (watched.stopping ??= stop(watched, options)),
    kill: () => {
      if (watched.running?.pid !== undefined) killTree(watched.running.pid, 'force')
    },
    report: () => ({ ...watched.report }),
  }
}

function start(watched: Watched, options: SupervisorOptions): void {
  const { workload, log, nowMs } = options
  watched.startedAtMs = nowMs()
  watched.running = launchProcess({
    command: workload.command,
    cwd: options.cwd,
    env: { ...withoutSecrets(options.env), ...workload.env },
    onSpawn: (pid) => {
      if (watched.stopping === undefined) watched.report.state = 'running'
      watched.report.pid = pid
      log('info', 'workload started', { pid, restarts: watched.report.restarts })
    },
    onError: (error) => {
      watched.error = error.message
      log('error', 'workload error', { command: workload.command[0], reason: error.message })
    },
    // Only one that may fail for good is asked for them.
    keepsLastWords: workload.restart === 'never',
  })
  void watched.running.ended.then((exitCode) => afterEnd(watched, options, exitCode))
}

function afterEnd(watched: Watched, options: SupervisorOptions, exitCode: number): void {
  const { workload, log, nowMs } = options
  const { report, running } = watched
  watched.running = undefined
  delete report.pid
  report.exitCode = exitCode
  log(exitCode === 0 ? 'info' : 'warn', 'workload ended', { exitCode, restarts: report.restarts })
  const wanted = workload.restart === 'always' || (workload.restart === 'onFailure' && exitCode !== 0)
  if (watched.stopping !== undefined || !wanted) {
    report.state = 'stopped'
    if (watched.stopping === undefined && exitCode !== 0) fail(watched, running?.lastWords())
    return
  }
  report.state = 'starting'
  watched.quickEnds = nowMs() - watched.startedAtMs >= STEADY_RUN_MS ? 1 : watched.quickEnds + 1
  const waitMs = ceilingMs(watched.quickEnds, options.restartBackOff ?? RESTART_BACK_OFF)
  watched.restartTimer = setTimeout(() => {
    report.restarts += 1
    start(watched, options)
  }, waitMs)
}

function fail({ report, error }: Watched, lastWords: string | undefined): void {
  report.state = 'failed'
  const words = lastWords || error
  if (words) report.lastWords = words.slice(0, 300)
}

async function stop(watched: Watched, { workload, log }: SupervisorOptions): Promise<void> {
  clearTimeout(watched.restartTimer)
  const { running, report } = watched
  if (running?.pid === undefined) {
    if (report.state !== 'failed') report.state = 'stopped'
    return
  }
  const { pid, ended } = running
  const { stopTimeoutMs } = workload
  report.state = 'stopping'
  killTree(pid, 'graceful')
  const forced = setTimeout(() => {
    log('warn', 'workload did not end in time, it is killed', { pid, stopTimeoutMs })
    killTree(pid, 'force')
  }, stopTimeoutMs)
  await ended
  clearTimeout(forced)
}

/** The enrollment token speaks for the host; the workload has no business with it. */
function withoutSecrets(env: Record<string, string | undefined>): Record<string, string | undefined> {
  const { MUSTER_TOKEN: _token, ...rest } = env
  return rest
}
