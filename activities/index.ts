import type { HostActivities } from './contract.ts'
import type { HostActivityDeps } from './deps.ts'
import { awaitLost } from './ecs/await-lost.ts'
import { awaitRunning } from './ecs/await-running.ts'
import { deleteInstance } from './ecs/delete.ts'
import { EcsError } from './ecs/ecs-error.ts'
import { captureEvidence } from './ecs/evidence.ts'
import { toFailure } from './ecs/failure.ts'
import { findInstances } from './ecs/find.ts'
import { inspectSilent } from './ecs/inspect.ts'
import { launchInstance } from './ecs/launch.ts'
import { createEcsWork } from './ecs/region-calls.ts'
import type { EcsWork } from './ecs/region-calls.ts'
import { becomeReady, preserveInstance, renewDeadMan } from './ecs/release.ts'
import { judgeSilence } from './hosts/judge-silence.ts'
import { planLaunch } from './hosts/plan-launch.ts'
import { tellAgent } from './hosts/tell-agent.ts'
import { watchAgent } from './hosts/watch-agent.ts'
import type { InstanceQuery } from './contract.ts'

export { createEcsApi } from './ecs/client.ts'
export { credentialSources, findCredentials } from './ecs/credential-sources.ts'
export { EcsError } from './ecs/ecs-error.ts'
export { publicEndpoint } from './ecs/endpoint.ts'
export { launchRequest } from './ecs/launch-request.ts'
export type { EcsApi, EcsConfig } from './ecs/api.ts'
export type { HostActivityDeps } from './deps.ts'

/** Queue `ecs-launch:<region>`, whose rate the server limits: RunInstances alone. */
export type LaunchActivities = Pick<HostActivities, 'launchInstance'>

/** Queue `ecs:<region>`: every other call to the cloud. */
export type EcsActivities = Pick<
  HostActivities,
  | 'findInstances'
  | 'awaitRunning'
  | 'captureEvidence'
  | 'becomeReady'
  | 'renewDeadMan'
  | 'inspectSilent'
  | 'awaitLost'
  | 'preserveInstance'
  | 'deleteInstance'
>

/** Queue `muster`: what needs the store alone. */
export type StoreActivities = Pick<
  HostActivities,
  'planLaunch' | 'judgeSilence' | 'tellAgent' | 'watchAgent' | 'recordHost'
>

export function createLaunchActivities(deps: HostActivityDeps): LaunchActivities {
  const shell = shellOf(createEcsWork(deps))
  return { launchInstance: shell(launchInstance) }
}

/** Make it once per process and region set: looks and deletes are joined within what this returns. */
export function createEcsActivities(deps: HostActivityDeps): EcsActivities {
  const shell = shellOf(createEcsWork(deps))
  return {
    findInstances: shell(findInstances),
    awaitRunning: shell(awaitRunning),
    captureEvidence: shell(captureEvidence),
    becomeReady: shell(becomeReady),
    renewDeadMan: shell(renewDeadMan),
    inspectSilent: shell(inspectSilent),
    awaitLost: shell(awaitLost),
    preserveInstance: shell(preserveInstance),
    deleteInstance: shell(deleteInstance),
  }
}

export function createHostActivities(deps: HostActivityDeps): StoreActivities {
  return {
    planLaunch: (input) => planLaunch(deps, input),
    judgeSilence: (input) => judgeSilence(deps, input),
    tellAgent: (input) => tellAgent(deps, input),
    watchAgent: (input) => watchAgent(deps, input),
    recordHost: ({ record }) => deps.store.hosts.record(record, deps.clock()),
  }
}

/** Turns an activity of ours into what Temporal runs: a failed cloud call leaves as a clean ApplicationFailure. */
function shellOf(work: EcsWork) {
  return <I extends Pick<InstanceQuery, 'key'>, O>(activity: (work: EcsWork, input: I) => Promise<O>) =>
    async (input: I): Promise<O> => {
      try {
        return await activity(work, input)
      } catch (error) {
        throw error instanceof EcsError ? toFailure(error, work.failureContext(input)) : error
      }
    }
}
