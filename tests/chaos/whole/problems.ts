import { countSlots } from '../../../domain/fleet/slots.ts'
import type { FleetState } from '../../../domain/fleet/types.ts'
import type { HostState } from '../../../domain/host/types.ts'
import { hostWorkflowId, type HostId } from '../../../domain/ids.ts'
import type { LiveInstance } from '../../support/whole-cloud.ts'

/** What is looked at of a fleet, and of a host. */
export type SeenFleet = Pick<FleetState, 'desired' | 'active' | 'retiring' | 'rollout' | 'frozen'>
export type SeenHost = Pick<HostState, 'phase' | 'step' | 'waitReason' | 'specHash' | 'generation'> & {
  current: { n: number; instanceId?: string }
}

/** What was seen of a fleet that has as many hosts as are wanted. */
export interface Snapshot {
  specHash: string
  /** Active hosts, with what they say of themselves; undefined: nothing. */
  hosts: { host: HostId; state: SeenHost | undefined }[]
  /** What the cloud has, without strangers. */
  live: LiveInstance[]
  /** Ids of the host workflows that run; a text when Temporal did not list them, which must not pass for none. */
  running: string[] | string
}

const STOPPED = 'the last rollout has stopped'
export const isStopped = (problem: string): boolean => problem.startsWith(STOPPED)

/** Why the fleet is not as large as wanted and at rest, in words; empty when it is. */
export function fleetProblems(fleet: SeenFleet | undefined, hosts: number): string[] {
  if (!fleet) return ['the fleet does not answer']
  const { desired, active, retiring, rollout, frozen } = fleet
  return [
    desired === hosts ? '' : `${desired} hosts are wanted instead of ${hosts}`,
    countSlots(active) === hosts ? '' : `${countSlots(active)} hosts are active instead of ${hosts}`,
    countSlots(retiring) === 0 ? '' : `${countSlots(retiring)} hosts still retire`,
    rollout?.state === 'rolling' ? `a rollout goes on: ${rollout.left} left` : '',
    rollout?.state === 'stopped' ? `${STOPPED}: ${rollout.reason}` : '',
    frozen ? `the fleet is frozen: ${frozen.silent} of ${frozen.of} are silent` : '',
  ].filter(Boolean)
}

/** What hosts, cloud and Temporal are not, in words; empty when they are as they should be. */
export const snapshotProblems = (snapshot: Snapshot): string[] => [
  ...snapshot.hosts.flatMap(({ host, state }) => hostProblems(host, state, snapshot.specHash)),
  ...cloudProblems(snapshot),
  ...temporalProblems(snapshot),
]

function hostProblems(host: HostId, state: SeenHost | undefined, wanted: string): string[] {
  if (!state) return [`${host} does not answer`]
  const { phase, step, current, waitReason, specHash } = state
  const isReady = phase === 'ready' && step === 'watch'
  return [
    isReady
      ? ''
      : `${host} is ${phase} (${step}) in attempt ${current.n}${waitReason ? `: ${waitReason}` : ''}`,
    // The last thing that was asked is a roll: nobody may be left behind.
    specHash === wanted ? '' : `${host} runs spec ${specHash} instead of ${wanted}`,
  ].filter(Boolean)
}

/** The cloud has exactly what the hosts claim. */
function cloudProblems({ hosts, live }: Snapshot): string[] {
  const claimed = new Map(
    hosts.map(({ host, state }) => [
      state?.current.instanceId,
      `${host} ${state?.generation} ${state?.current.n}`,
    ]),
  )
  const has = new Set<string | undefined>(live.map(({ id }) => id))
  return [
    ...live
      .filter(({ id, host, generation, attempt }) => claimed.get(id) !== `${host} ${generation} ${attempt}`)
      .map(({ id, host, attempt }) => `${id} of ${host}, attempt ${attempt}, is claimed by nobody`),
    ...[...claimed]
      .filter(([id]) => !has.has(id))
      .map(([id, by]) => `${by} claims ${id}, which the cloud has not`),
  ]
}

/** A host that the fleet has forgotten would run, and cost, for ever. */
function temporalProblems({ hosts, running }: Snapshot): string[] {
  if (typeof running === 'string') return [`Temporal does not list the hosts: ${running}`]
  const known = new Set(hosts.map(({ host }) => hostWorkflowId(host)))
  return running.filter((id) => !known.has(id)).map((id) => `${id} runs, and is no host of the fleet`)
}
