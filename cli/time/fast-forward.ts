import type { Client } from '@temporalio/client'
import { MusterError } from '../../domain/errors.ts'
import type { HostState } from '../../domain/host/types.ts'
import { hostWorkflowId, type HostId } from '../../domain/ids.ts'
import { HOST_QUERIES } from '../../domain/messages.ts'

/** Beyond the deadline, so that the timer fires within the skip. */
const MARGIN_MS = 1_000

/**
 * Skips the rest of a booting host's deadline, on a dev server with `frontend.WorkflowTimeSkippingEnabled`. Its
 * workflow's time runs ahead of the wall clock from then on.
 *
 * Refused unless nothing but the deadline is waited for: with an activity in flight the jump would happen later, at a
 * moment that nobody chose.
 * @returns how much was skipped, ms
 * @throws MusterError `conflict` saying what the host does instead
 */
export async function fastForward(client: Client, host: HostId): Promise<number> {
  const handle = client.workflow.getHandle(hostWorkflowId(host))
  const state = await handle.query<HostState>(HOST_QUERIES.state)
  const { raw } = await handle.describe()
  const pending = raw.pendingActivities?.length ?? 0
  if (state.step !== 'awaitStarted' || pending > 0 || state.current.bootDeadline === undefined) {
    const doing = pending > 0 ? `${pending} activity in flight` : `step ${state.step}`
    throw new MusterError(
      'conflict',
      `host ${host} is ${state.phase} (${doing}): only one that waits for nothing but its boot deadline can be fast-forwarded`,
    )
  }
  const skipMs = state.current.bootDeadline - (await workflowTime(client, host)) + MARGIN_MS
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: hostWorkflowId(host) },
    workflowExecutionOptions: {
      timeSkippingConfig: {
        enabled: true,
        fastForwardConfig: {
          id: `${state.generation}-${state.stepNo}`,
          duration: { seconds: Math.ceil(skipMs / 1000) },
        },
      },
    },
    updateMask: { paths: ['time_skipping_config'] },
  } as never)
  return skipMs
}

/** The wall clock, unless the workflow's last event is ahead of it: then it has been fast-forwarded before. */
async function workflowTime(client: Client, host: HostId): Promise<number> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId: hostWorkflowId(host) },
    maximumPageSize: 1,
  })
  const last = history?.events?.[0]?.eventTime
  const lastMs = Number(last?.seconds ?? 0) * 1000 + Math.floor((last?.nanos ?? 0) / 1e6)
  return Math.max(Date.now(), lastMs)
}
