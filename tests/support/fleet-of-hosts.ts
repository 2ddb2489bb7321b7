import type { HostPhase, HostState } from '../../domain/host/types.ts'
import { hostId, hostWorkflowId, parseHostId, type HostId } from '../../domain/ids.ts'
import { HOST_QUERIES, WORKFLOWS } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import type { HostSpec } from '../../domain/spec.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { emulatedSpec } from './emulated-spec.ts'
import { CONTROLLER, KEY, type Processes } from './processes.ts'

/** One question; a server or worker that is away must not hold the test for longer. */
const ASK_MS = 3_000

/** Starts one host workflow on its own, whose agent speaks to that API. */
export async function startHost(
  world: Processes,
  slot: number,
  changes: Partial<HostSpec> = {},
  api: { url: string } | undefined = world.apis[0],
): Promise<HostId> {
  const host = hostId('render', slot)
  const spec = emulatedSpec(changes)
  const specHash = await world.store.specs.put(spec, Date.now())
  await world.client.workflow.start(WORKFLOWS.host, {
    workflowId: hostWorkflowId(host),
    taskQueue: MUSTER_QUEUE,
    args: [
      {
        host,
        controller: CONTROLLER,
        namespaceId: world.namespaceId,
        specHash,
        spec,
        api: { url: api?.url ?? '', keyId: KEY.id },
      },
    ],
    staticSummary: `host of fleet ${parseHostId(host).fleet}`,
  })
  return host
}

export const startHosts = (
  world: Processes,
  slots: number[],
  changes: Partial<HostSpec> = {},
): Promise<HostId[]> => Promise.all(slots.map((slot) => startHost(world, slot, changes)))

/** What the workflow says of itself, or undefined when Temporal or every worker is away. */
export async function stateOf(world: Processes, host: HostId): Promise<HostState | undefined> {
  const { client } = world
  try {
    return await client.connection.withDeadline(Date.now() + ASK_MS, () =>
      world.handle(host).query<HostState>(HOST_QUERIES.state),
    )
  } catch {
    // Asked again until the deadline of the caller, whose error names the host.
    return undefined
  }
}

/** Waits until the host is in that phase (and attempt), whatever is away meanwhile. */
export async function until(
  world: Processes,
  host: HostId,
  phase: HostPhase,
  attempt?: number,
  timeoutMs = 30_000,
): Promise<HostState> {
  return await untilState(
    world,
    host,
    `${phase}${attempt === undefined ? '' : ` in attempt ${attempt}`}`,
    (now) => now.phase === phase && (attempt ?? now.current.n) === now.current.n,
    timeoutMs,
  )
}

export async function untilState(
  world: Processes,
  host: HostId,
  what: string,
  holds: (state: HostState) => boolean,
  timeoutMs = 30_000,
): Promise<HostState> {
  let last: HostState | undefined
  try {
    return await waitFor(
      `${host} to be ${what}`,
      async () => {
        const state = await stateOf(world, host)
        last = state ?? last
        return state !== undefined && holds(state) && state
      },
      { timeoutMs },
    )
  } catch (error) {
    const { phase, step, current, attempts } = last ?? {}
    throw new Error(
      `${String(error)}; last seen: ${JSON.stringify({ phase, step, current, attempts }) ?? 'nothing'}`,
      { cause: error },
    )
  }
}

/** Activities that the server waits for; it needs no worker to tell. */
export async function pendingActivities(
  world: Processes,
  host: HostId,
): Promise<{ type: string; started: boolean; attempt: number }[]> {
  const { raw } = await world.handle(host).describe()
  return (raw.pendingActivities ?? []).map(({ activityType, state, attempt }) => ({
    type: activityType?.name ?? '',
    started: Number(state) === STARTED,
    attempt: attempt ?? 0,
  }))
}

/** `PENDING_ACTIVITY_STATE_STARTED` of Temporal's API. */
const STARTED = 2

/** Waits until the server has handed this activity to a worker, or (`started` false) until it stands there for one. */
export async function untilPending(
  world: Processes,
  host: HostId,
  type: string,
  started: boolean,
  timeoutMs = 30_000,
): Promise<void> {
  await waitFor(
    `${type} of ${host} to be ${started ? 'started' : 'scheduled'}`,
    async () =>
      (await pendingActivities(world, host)).some((one) => one.type === type && one.started === started),
    { timeoutMs },
  )
}
