import type { HostResult } from '../../workflows/host/workflow.ts'
import type { AttemptSummary } from '../../domain/host/types.ts'
import { fleetWorkflowId, hostId, hostWorkflowId, type HostId } from '../../domain/ids.ts'
import { FLEET_UPDATES, type ResizeRequest } from '../../domain/messages.ts'
import type { Stack } from '../stack/start.ts'
import { fastForward } from '../time/fast-forward.ts'
import { waitFor } from '../wait-for.ts'
import { checkStory } from './check-story.ts'
import type { DemoAttempt, DemoReport } from './report.ts'

const FLEET = 'demo'
const HOSTS = [1, 2, 3].map((slot) => hostId(FLEET, slot))
const MUTE = hostId(FLEET, 2)
/** Of `examples/demo.yaml`. */
const BOOT_TIMEOUT_MS = 20 * 60_000

/**
 * Plays the story on a running stack and reports what happened; a story that goes wrong is a report with problems.
 * @param startedAt of the command, by `performance.now()`
 */
export async function runDemo(
  stack: Stack,
  say: (text: string) => void,
  startedAt: number,
): Promise<DemoReport> {
  const problems: string[] = []
  try {
    await play(stack, say)
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
  }
  const hosts = await Promise.all(
    HOSTS.map(async (id) => ({ id, attempts: await attemptsOf(stack, id, problems) })),
  )
  const story = { hosts, ecsCalls: calls(stack), instancesLeft: instances(stack) }
  problems.push(...checkStory(story, { hosts: HOSTS, mute: MUTE, bootTimeoutMs: BOOT_TIMEOUT_MS }))
  return {
    ok: problems.length === 0,
    totalMs: Math.round(performance.now() - startedAt),
    ...story,
    links: stack.links,
    ...(problems.length > 0 && { problems }),
  }
}

async function play(stack: Stack, say: (text: string) => void): Promise<void> {
  say('fleet demo: 3 hosts wanted; the first instance of demo/00002 will stay mute')
  await allReady(
    stack,
    [1, 3].map((slot) => hostId(FLEET, slot)),
  )
  say('demo/00001 and demo/00003 are ready; demo/00002 is running, but nothing is heard of it')
  const skippedMs = await waitFor('demo/00002 to wait for nothing but its deadline', () =>
    fastForward(stack.client, MUTE).catch(() => undefined),
  )
  say(`fast-forward of demo/00002 by ${Math.round(skippedMs / 60_000)} minutes: its boot deadline passes`)
  await allReady(stack, HOSTS)
  say('its instance was deleted and made again; all three are ready')
  const request: ResizeRequest = { size: 0, by: 'demo', why: 'the story ends' }
  await stack.client.workflow
    .getHandle(fleetWorkflowId(FLEET))
    .executeUpdate(FLEET_UPDATES.resize, { args: [request] })
  say('resized to 0: draining and deleting')
  await waitFor('the cloud to be empty', () => instances(stack) === 0, { timeoutMs: 40_000 })
  say('the cloud is empty')
}

async function allReady(stack: Stack, hosts: HostId[]): Promise<void> {
  await waitFor(
    `${hosts.join(', ')} to be ready`,
    async () => {
      const rows = await Promise.all(hosts.map((host) => stack.store.hosts.get(host)))
      return rows.every((row) => row?.phase === 'ready')
    },
    { timeoutMs: 40_000 },
  )
}

/** By action, whatever became of them. */
function calls(stack: Stack): Record<string, number> {
  const counts = Object.entries(stack.emulator?.recorder.counts() ?? {})
  return Object.fromEntries(
    counts.map(([action, outcomes]) => [
      action,
      Object.values(outcomes).reduce((sum, count) => sum + count, 0),
    ]),
  )
}

const instances = (stack: Stack): number => stack.emulator?.cloud.instances.size ?? 0

/** Of the workflow's own result: it has ended when the cloud is empty. */
async function attemptsOf(stack: Stack, host: HostId, problems: string[]): Promise<DemoAttempt[]> {
  try {
    const handle = stack.client.workflow.getHandle(hostWorkflowId(host))
    const result = await waitFor(`host ${host} to end`, async () => {
      const { status } = await handle.describe()
      return status.name === 'COMPLETED' && ((await handle.result()) as HostResult)
    })
    return result.attempts.map(toDemoAttempt)
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
    return []
  }
}

function toDemoAttempt(attempt: AttemptSummary): DemoAttempt {
  const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString())
  const { n, instanceId = null, outcome, reason } = attempt
  const { launchedAt, startedAt, deletedAt } = attempt
  return {
    n,
    instanceId,
    outcome,
    launchedAt: iso(launchedAt),
    startedAt: iso(startedAt),
    deletedAt: iso(deletedAt),
    reason,
  }
}
