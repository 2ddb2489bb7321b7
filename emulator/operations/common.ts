import type { Cloud } from '../cloud/cloud.ts'
import type { Region } from '../cloud/catalogue.ts'
import type { Instance } from '../cloud/instance.ts'
import { refuse } from '../errors.ts'
import type { Parameters } from '../fields.ts'

/** The region a call names; every call with RegionId must name one that exists. */
export function regionOf(cloud: Cloud, parameters: Parameters): Region {
  const region = cloud.places.region(parameters.text('RegionId', ''))
  if (region === undefined) throw refuse('InvalidRegionId.NotFound')
  return region
}

/** The instance a call names. One not visible yet does not exist for clients. */
export function instanceOf(cloud: Cloud, instanceId: string): Instance {
  const instance = cloud.instances.get(instanceId)
  if (instance === undefined || !instance.visible.id) throw refuse('InvalidInstanceId.NotFound')
  return instance
}

/** Minute precision, as the cloud shows the times of instances: `2024-04-14T22:32Z`. */
export function minuteTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`
}

/** Second precision, as events and most other resources show theirs. */
export function secondTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** Throws the cloud's answer to a dry run that passed: an error by design. */
export function endDryRun(parameters: Parameters): void {
  if (parameters.flag('DryRun')) throw refuse('DryRunOperation')
}
