import { condition, defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow'

/** What the rivals ask: activities that answer at once. */
export interface BareActivities {
  bareLaunch(): Promise<string>
  bareDelete(instanceId: string): Promise<void>
  bareArrival(dueAt: number): Promise<void>
}

const { bareLaunch, bareDelete } = proxyActivities<BareActivities>({ startToCloseTimeout: '10 seconds' })
const { bareArrival } = proxyActivities<BareActivities>({ startToCloseTimeout: '10 seconds' })

const started = defineSignal('started')
const BOOT_MS = 20 * 60_000

/** The least that could be called a host: launch, wait for the word within twenty minutes, delete. */
export async function bareLife(): Promise<void> {
  let heard = false
  setHandler(started, () => void (heard = true))
  const instanceId = await bareLaunch()
  await condition(() => heard, BOOT_MS, { summary: 'boot deadline' })
  await bareDelete(instanceId)
}

/** The floor of every deadline: a timer, then an activity. */
export async function bareTimer(dueAt: number): Promise<void> {
  await sleep(dueAt - Date.now())
  await bareArrival(dueAt)
}

/** The least that stays in a worker's memory: one that has launched and waits for a signal. */
export async function bareIdle(): Promise<void> {
  let heard = false
  setHandler(started, () => void (heard = true))
  await bareLaunch()
  await condition(() => heard)
}

/** What the least of schedules starts. */
export async function bareFiring(): Promise<void> {}
