import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { isRunning } from '../../activities/workflow-status.ts'
import { orUnavailable } from '../../api/temporal/or-unavailable.ts'
import type { MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import { changeDoubts, type ReadyHost } from '../../domain/fleet/change-doubts.ts'
import { DEFAULT_POLICY } from '../../domain/fleet/policy.ts'
import type { FleetInput, FleetState } from '../../domain/fleet/types.ts'
import { fleetWorkflowId } from '../../domain/ids.ts'
import { FLEET_QUERIES, FLEET_UPDATES, WORKFLOWS } from '../../domain/messages.ts'
import type { ApplyFleetRequest, Attribution } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import type { FleetSpec } from '../../domain/spec.ts'
import { allHosts } from '../../store/all-hosts.ts'
import type { Store } from '../../store/contract.ts'
import { sendFleet } from './send-fleet.ts'
import { specDiff, type FieldChange } from './spec-diff.ts'
import type { TemporalPart } from './temporal.ts'
import { withoutValues } from './without-values.ts'

/** What every host of an installation is started with. */
export interface Installation {
  controller: string
  namespaceId: string
  api: { url: string; keyId: string }
  dashboardUrl?: string
}

export const installationOf = (
  { controller, api }: MusterConfig,
  { namespaceId }: TemporalPart,
  apiUrl: string,
  keyId: string,
): Installation => {
  const url = api.publicUrl ?? apiUrl
  return { controller, namespaceId, api: { url, keyId }, dashboardUrl: url }
}

/** What became, or would become, of one fleet. */
export interface FleetChange {
  fleet: string
  /** `kept`: it goes on as it was, because nobody has agreed to its doubts. */
  outcome: 'started' | 'changed' | 'unchanged' | 'kept'
  /** Of a fleet that is kept: of all changes it got the new address of the API alone. */
  toldApi?: true
  /** How many hosts are wanted now. */
  size: number
  /** How many were wanted until now; absent for a fleet that did not run. */
  formerSize?: number
  /** What the config says, where the running fleet was given another size since. */
  configSize?: number
  /** Its hosts are to have another spec. */
  hasNewSpec?: true
  /** A new spec is rolled out at once, not with each host's next launch. */
  rolls?: boolean
  /** What a person is to agree to before it is done. */
  doubts: string[]
  /** Of the hosts' spec, the fleet's policy, and the way to the API. */
  changes: FieldChange[]
}

export interface ApplyOptions {
  /** Tell what would be done, and do nothing. */
  dryRun?: boolean
  /** Give running fleets the size of the config. Otherwise it stays: people and schedules change it. */
  size?: boolean
  /** Leave a running fleet as it is, but for the way to the API, where a person is to agree first. */
  keepDoubtful?: boolean
}

interface Reach {
  client: Client
  store: Store
}

/** A query is answered by a worker; one that is busy with a fleet's beginning takes a moment. */
const ANSWER_MS = 20_000

/** Starts fleets that do not run, and hands their new spec to those that do; one after the other. */
export async function applyFleets(
  reach: Reach,
  installation: Installation,
  fleets: FleetSpec[],
  asker: Attribution,
  options: ApplyOptions = {},
): Promise<FleetChange[]> {
  const changes: FleetChange[] = []
  for (const fleet of fleets) changes.push(await applyFleet(reach, installation, fleet, asker, options))
  return changes
}

async function applyFleet(
  reach: Reach,
  installation: Installation,
  fleet: FleetSpec,
  asker: Attribution,
  options: ApplyOptions,
): Promise<FleetChange> {
  const running = await stateOf(reach.client, fleet.name)
  if (running === undefined) {
    if (!options.dryRun) await startFleet(reach, installation, fleet, asker)
    return { fleet: fleet.name, outcome: 'started', size: fleet.size, doubts: [], changes: [] }
  }
  const resized = options.size === true && running.desired !== fleet.size
  const ready = await allHosts(reach.store, { fleet: fleet.name, phases: ['ready'] })
  const change = changeOf(fleet, running, { installation, resized, ready })
  if (options.keepDoubtful && change.doubts.length > 0) {
    const toldApi = await sendApi(reach, installation, running, { fleet: fleet.name, asker, options })
    return { ...change, outcome: 'kept', ...(toldApi && { toldApi: true }) }
  }
  if (!options.dryRun && change.outcome === 'changed') {
    await changeFleet(reach, installation, fleet, { resized, asker })
  }
  return change
}

/** What a fleet from before this was kept passes to its hosts is not known: it is sent again. */
const apiDiff = (running: FleetState, api: Installation['api']): FieldChange[] =>
  specDiff(running.api ?? {}, api, 'api')

/**
 * Hosts of a fleet that is kept must reach us all the same: an agent launched with a former address is never heard, its
 * host dies at the boot deadline again and again. @returns whether there was anything to send
 */
async function sendApi(
  { client, store }: Reach,
  { api }: Installation,
  running: FleetState,
  { fleet, asker, options }: { fleet: string; asker: Attribution; options: ApplyOptions },
): Promise<boolean> {
  if (apiDiff(running, api).length === 0) return false
  if (options.dryRun) return true
  const { specHash, spec } = running
  const asked: Attribution = { by: asker.by, why: 'the way to the API is another one' }
  await audit(store, asked, fleet, `API ${api.url}, key ${api.keyId}`)
  const request: ApplyFleetRequest = { specHash, spec, api, ...asked }
  await sendFleet(client, fleet, FLEET_UPDATES.apply, request)
  return true
}

function changeOf(
  fleet: FleetSpec,
  running: FleetState,
  {
    installation: { api },
    resized,
    ready,
  }: { installation: Installation; resized: boolean; ready: ReadyHost[] },
): FleetChange {
  const policy = fleet.policy ?? DEFAULT_POLICY
  const ofHosts = specDiff(running.spec, fleet.host).map(withoutValues)
  const changes = [...ofHosts, ...specDiff(running.policy, policy), ...apiDiff(running, api)]
  const size = resized ? fleet.size : running.desired
  const wanted = { size, policy, hasNewSpec: ofHosts.length > 0 }
  return {
    fleet: fleet.name,
    outcome: changes.length > 0 || resized ? 'changed' : 'unchanged',
    size,
    formerSize: running.desired,
    ...(wanted.hasNewSpec && { hasNewSpec: true }),
    ...(fleet.policy?.rollout.onApply === 'roll' && { rolls: true }),
    ...(size !== fleet.size && { configSize: fleet.size }),
    doubts: changeDoubts(fleet.name, running, wanted, ready, Date.now()),
    changes,
  }
}

/** Undefined when no such fleet runs. */
async function stateOf(client: Client, fleet: string): Promise<FleetState | undefined> {
  const handle = client.workflow.getHandle(fleetWorkflowId(fleet))
  try {
    if (!(await orUnavailable(client, `describe fleet ${fleet}`, () => isRunning(handle)))) return undefined
    return await client.connection.withDeadline(Date.now() + ANSWER_MS, () =>
      handle.query<FleetState>(FLEET_QUERIES.state),
    )
  } catch (cause) {
    // It has ended since.
    if (cause instanceof WorkflowNotFoundError) return undefined
    if (cause instanceof MusterError) throw cause
    throw new MusterError('unavailable', `fleet ${fleet} does not answer: does a worker run?`, { cause })
  }
}

async function startFleet(
  { client, store }: Reach,
  installation: Installation,
  fleet: FleetSpec,
  asker: Attribution,
) {
  const specHash = await store.specs.put(fleet.host, Date.now())
  const { name, size, host: spec, policy } = fleet
  await audit(store, asker, name, `start size=${size} spec=${specHash}`)
  const input: FleetInput = { ...installation, name, size, specHash, spec, ...(policy && { policy }) }
  await client.workflow.start(WORKFLOWS.fleet, {
    workflowId: fleetWorkflowId(name),
    taskQueue: MUSTER_QUEUE,
    args: [input],
    // Somebody else may start it in this moment: then it is not ours to start.
    workflowIdConflictPolicy: 'FAIL',
    staticSummary: `fleet ${name}: ${size} hosts of ${spec.imageId}`,
  })
}

/** Nothing is done without a row. */
const audit = (store: Reach['store'], { by, why }: Attribution, fleet: string, what: string): Promise<void> =>
  store.audit.add({ at: Date.now(), who: by, what, target: `fleet ${fleet}`, why })

async function changeFleet(
  { client, store }: Reach,
  { api }: Installation,
  fleet: FleetSpec,
  { resized, asker }: { resized: boolean; asker: Attribution },
) {
  const specHash = await store.specs.put(fleet.host, Date.now())
  const request: ApplyFleetRequest = {
    specHash,
    spec: fleet.host,
    policy: fleet.policy ?? DEFAULT_POLICY,
    api,
    ...(resized && { size: fleet.size }),
    ...asker,
  }
  await audit(store, asker, fleet.name, `apply spec=${specHash}${resized ? ` size=${fleet.size}` : ''}`)
  await sendFleet(client, fleet.name, FLEET_UPDATES.apply, request)
}
