import { join } from 'node:path'
import type { StartedAnswer, Workload } from '../domain/wire.ts'
import { drain } from './drain.ts'
import { fetchFiles } from './files.ts'
import type { AgentOptions } from './options.ts'
import type { Session } from './session.ts'

/**
 * Fetches the workload's files and starts it, unless this attempt was drained before (by an earlier run of the agent)
 * or is being drained now. What goes wrong shows in the beats as `failed`; the agent itself goes on.
 */
export async function startWork(
  session: Session,
  answer: StartedAnswer,
  options: AgentOptions,
): Promise<void> {
  const { workload } = answer
  const { log } = session.runtime
  if (session.marker.isSet()) {
    log('info', 'this attempt was drained: its workload is not started again')
    session.workloadState = { state: 'stopped', restarts: 0 }
    // Nobody asks twice for a drain that was acknowledged, and the run that got it may have ended before it was done.
    return await drain(session)
  }
  if (workload === undefined) return
  session.workloadState = { state: 'starting', restarts: 0 }
  try {
    const cwd = join(options.stateDir, 'files')
    await fetchFiles(answer.files ?? [], cwd, session.api)
    await superviseUnlessEnding(session, workload, cwd)
  } catch (error) {
    log('error', 'the workload cannot be started', { reason: String(error) })
    session.workloadState = { state: 'failed', restarts: 0, lastWords: String(error).slice(0, 300) }
  }
}

async function superviseUnlessEnding(session: Session, workload: Workload, cwd: string): Promise<void> {
  const { superviseWorkload } = await import('./workload/supervisor.ts')
  if (session.draining !== undefined || session.endReason !== undefined) {
    session.workloadState = { state: 'stopped', restarts: 0 }
    return
  }
  const { runtime } = session
  const { log } = runtime
  session.workload = superviseWorkload({ workload, cwd, env: process.env, log, nowMs: () => runtime.nowMs() })
  session.workload.start()
}
