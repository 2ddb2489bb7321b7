import { randomUUID } from 'node:crypto'
import type { Client, Connection } from '@temporalio/client'
import { waitFor } from '../../cli/wait-for.ts'

/** Time-skipping server only: moves its one clock to this instant (ms), and a moment beyond. */
export async function skipTo({ testService }: Connection, instant: number | undefined): Promise<void> {
  if (!testService || instant === undefined)
    throw new Error('only an instant of the time-skipping server can be skipped to')
  const { time } = await testService.getCurrentTime({})
  const now = Number(time?.seconds ?? 0) * 1000 + Math.floor((time?.nanos ?? 0) / 1e6)
  const ms = Math.max(0, instant - now) + 10
  await testService.unlockTimeSkippingWithSleep({
    duration: { seconds: Math.floor(ms / 1000) as never, nanos: (ms % 1000) * 1e6 },
  })
}

/**
 * Dev server only: moves the time of one workflow. Waits until nothing but timers is pending: with an activity in flight
 * the jump would come later, at a moment nobody chose.
 */
export async function skipWorkflow(client: Client, workflowId: string, ms: number): Promise<void> {
  const handle = client.workflow.getHandle(workflowId)
  await waitFor(`${workflowId} to wait for timers alone`, async () => {
    const { raw } = await handle.describe()
    return (raw.pendingActivities?.length ?? 0) === 0 && !raw.pendingWorkflowTask
  })
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: {
      timeSkippingConfig: {
        enabled: true,
        fastForwardConfig: { id: randomUUID(), duration: { seconds: Math.ceil(ms / 1000) } },
      },
    },
    updateMask: { paths: ['time_skipping_config'] },
  } as never)
}
