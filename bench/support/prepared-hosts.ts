import { waitFor } from '../../cli/wait-for.ts'
import { attemptKey, recordOf } from '../../domain/host/record.ts'
import type { HostInput, HostState } from '../../domain/host/types.ts'
import { hostWorkflowId, type AttemptKey } from '../../domain/ids.ts'
import type { Store } from '../../store/contract.ts'
import type { Ground } from './ground.ts'
import { benchHost, hostInput, startHost } from './hosts.ts'
import { inFlight, numbersFrom } from './pool.ts'

export interface PreparedHost {
  key: AttemptKey
  workflowId: string
}

/** Start, first task, search attributes, and the timer or activity that is waited for. */
export const PREPARED_EVENTS = 6

export interface PrepareOptions {
  first: number
  count: number
  /** Where they stand, as a continue-as-new would carry it. */
  carried: (input: HostInput) => HostState | Promise<HostState>
  /** Their rows are written here too. */
  store?: Store
  /** Events that say that a host has arrived there. */
  settledAt: number
}

/** Hosts that stand at one point of their lives, in Temporal and, when asked, in the store. */
export async function prepareHosts(ground: Ground, options: PrepareOptions): Promise<PreparedHost[]> {
  const { first, count, carried, store, settledAt } = options
  const prepared: PreparedHost[] = []
  await inFlight(numbersFrom(first, count), 20, async (slot) => {
    const host = benchHost(slot)
    const plain = hostInput(ground, host)
    const input = store ? { ...plain, specHash: await store.specs.put(plain.spec, Date.now()) } : plain
    const state = await carried(input)
    if (store) await store.hosts.record(recordOf(host, state, Date.now()), Date.now())
    await startHost(ground, { ...input, carried: state })
    prepared.push({ key: attemptKey(host, state), workflowId: hostWorkflowId(host) })
  })
  await inFlight(prepared, 20, ({ workflowId }) => settled(ground, workflowId, settledAt))
  return prepared
}

export async function settled({ temporal }: Ground, workflowId: string, events: number): Promise<void> {
  const handle = temporal.client.workflow.getHandle(workflowId)
  await waitFor(
    `${workflowId} to have ${events} events`,
    async () => Number((await handle.describe()).historyLength) >= events,
    { timeoutMs: 300_000, everyMs: 200 },
  )
}
