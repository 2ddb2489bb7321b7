import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, Connection } from '@temporalio/client'
import { waitFor } from '../../cli/wait-for.ts'

type TestService = NonNullable<Connection['testService']>

/** Time-skipping server only: moves its one clock to this instant (ms), and a moment beyond. */
export async function skipTo({ testService }: Connection, instant: number | undefined): Promise<void> {
  if (!testService || instant === undefined)
    throw new Error('only an instant of the time-skipping server can be skipped to')
  await skip(testService, Math.max(0, instant - (await virtualNow(testService))) + 10)
}

/** How often {@link passTime} looks whether the clock moves, ms of the real one. */
const LOOK_EVERY_MS = 5_000

/**
 * Time-skipping server only: lets that much virtual time pass.
 * The server (1.40.0) holds its clock while an activity runs, and goes on holding it when the workflow ends before the
 * activity does: then the lock is given back for it.
 * @param isWorking whether an activity is pending anywhere: then the clock is held rightly
 */
export async function passTime(
  testService: TestService,
  ms: number,
  isWorking: () => Promise<boolean>,
): Promise<void> {
  let hasPassed = false
  const passed = skip(testService, ms).finally(() => (hasPassed = true))
  const giveBack = async () => {
    for (let before = await virtualNow(testService); ; before = await virtualNow(testService)) {
      await Promise.race([passed, sleep(LOOK_EVERY_MS)])
      if (hasPassed) return
      // A clock that is held goes with the real one.
      const isHeld = (await virtualNow(testService)) - before < 2 * LOOK_EVERY_MS
      if (isHeld && !(await isWorking())) await testService.unlockTimeSkipping({})
    }
  }
  await Promise.all([passed, giveBack()])
}

/** What the clock of the time-skipping server shows, ms. */
export async function virtualNow(testService: TestService): Promise<number> {
  const { time } = await testService.getCurrentTime({})
  return Number(time?.seconds ?? 0) * 1000 + Math.floor((time?.nanos ?? 0) / 1e6)
}

async function skip(testService: TestService, ms: number): Promise<void> {
  await testService.unlockTimeSkippingWithSleep({
    duration: { seconds: Math.floor(ms / 1000) as never, nanos: (ms % 1000) * 1e6 },
  })
}

/** Whether a workflow that runs waits for an activity; one that has ended keeps those it never heard of again. */
export async function hasActivities(client: Client, workflowId: string): Promise<boolean> {
  const { raw, status } = await client.workflow.getHandle(workflowId).describe()
  return status.name === 'RUNNING' && (raw.pendingActivities?.length ?? 0) > 0
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
