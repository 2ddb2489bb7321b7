import type { Cloud } from '../cloud/cloud.ts'
import type { Parameters } from '../fields.ts'
import type { FaultSubject } from './match.ts'

/** What a call is about, for matching faults: instances to be made, instances named, or else its filters. */
export function faultSubjects(cloud: Cloud, action: string, parameters: Parameters): FaultSubject[] {
  if (action === 'RunInstances' || action === 'CreateInstance') return [wantedInstance(cloud, parameters)]
  const named = [
    parameters.text('InstanceId'),
    ...parameters.list('InstanceId'),
    ...(parameters.ids('InstanceIds') ?? []),
    ...parameters.list('ResourceId'),
    parameters.text('DiskId'),
    parameters.text('NetworkInterfaceId'),
  ].filter((id) => id !== undefined)
  if (named.length === 0) return [filtered(parameters)]
  return named.map(
    (id) => cloud.instances.get(id) ?? { instanceId: id, tags: cloud.leftovers.get(id)?.tags ?? {} },
  )
}

function wantedInstance(cloud: Cloud, parameters: Parameters): FaultSubject {
  const vSwitch = cloud.places.vSwitch(parameters.text('VSwitchId', ''))
  return {
    ...filtered(parameters),
    zoneId: vSwitch?.zoneId ?? parameters.text('ZoneId'),
    spot: { strategy: parameters.text('SpotStrategy', 'NoSpot') },
  }
}

function filtered(parameters: Parameters): FaultSubject {
  return {
    regionId: parameters.text('RegionId'),
    zoneId: parameters.text('ZoneId'),
    instanceType: parameters.text('InstanceType'),
    imageId: parameters.text('ImageId'),
    tags: Object.fromEntries(parameters.objects('Tag').map((tag) => [tag['Key'] ?? '', tag['Value'] ?? ''])),
  }
}
