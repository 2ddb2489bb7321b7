import type { Cloud } from '../cloud/cloud.ts'
import { interfaceOf, type Interface } from '../cloud/storage.ts'
import { refuse } from '../errors.ts'
import type { Parameters } from '../fields.ts'
import { regionOf, secondTime } from './common.ts'
import { OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation } from './operation.ts'
import { MANY_RESULTS, pageFields, resourcePage } from './paging.ts'
import { hasTags, readTagFilter, TAG_FILTER_SEES } from './tag-rules.ts'

export const describeNetworkInterfaces: Operation = {
  summary: 'Lists network interfaces, newest first; ids that do not exist are simply absent',
  fields: {
    ...OWNER_FIELDS,
    RegionId: REGION_FIELD,
    'NetworkInterfaceId.N': { type: 'string', note: 'at most 100' },
    'Tag.N.Key': { type: 'string' },
    'Tag.N.Value': { type: 'string' },
    Status: { type: 'string', values: ['Available', 'Attaching', 'InUse', 'Detaching', 'Deleting'] },
    Type: { type: 'string', values: ['Primary', 'Secondary'] },
    InstanceId: { type: 'string' },
    VpcId: { type: 'string' },
    VSwitchId: { type: 'string' },
    SecurityGroupId: { type: 'string' },
    PrimaryIpAddress: { type: 'string' },
    'PrivateIpAddress.N': { type: 'string', note: 'interfaces have their primary address alone' },
    NetworkInterfaceName: { type: 'string', note: 'interfaces have no names: matches nothing' },
    ResourceGroupId: { type: 'string' },
    ServiceManaged: { type: 'boolean', note: 'true matches nothing' },
    ...pageFields(500),
    ...MANY_RESULTS,
  },
  handle({ cloud, parameters }) {
    const { regionId } = regionOf(cloud, parameters)
    if (parameters.list('NetworkInterfaceId').length > 100)
      throw refuse('InvalidParameter', 'NetworkInterfaceId')
    const filters = filtersOf(parameters)
    const found = allInterfaces(cloud, parameters)
      .filter((one) => one.regionId === regionId && filters.every((filter) => filter(one)))
      .sort((a, b) => b.rank - a.rank)
    const seen = parameters.objects('Tag').length > 0 ? found.slice(0, TAG_FILTER_SEES) : found
    return resourcePage(seen, parameters, (page) => ({
      NetworkInterfaceSets: { NetworkInterfaceSet: page.map((one) => view(cloud, one)) },
    }))
  },
}

export const deleteNetworkInterface: Operation = {
  summary: 'Deletes one network interface that is attached to nothing',
  fields: { ...OWNER_FIELDS, RegionId: REGION_FIELD, NetworkInterfaceId: { type: 'string', required: true } },
  handle({ cloud, parameters }) {
    const { regionId } = regionOf(cloud, parameters)
    const id = parameters.text('NetworkInterfaceId', '')
    const left = cloud.leftovers.get(id)
    if (left?.kind === 'interface' && left.regionId === regionId) {
      cloud.removeLeftover(id)
      return {}
    }
    const attached = cloud.instances.newestFirst().some((one) => one.networkInterfaceId === id)
    throw refuse(attached ? 'InvalidOperation.InvalidEniState' : 'InvalidEniId.NotFound', id)
  },
}

function allInterfaces(cloud: Cloud, parameters: Parameters): Interface[] {
  const left = cloud.leftovers.all().filter((one) => one.kind === 'interface')
  if (parameters.text('Status') === 'Available') return left
  const visible = cloud.instances.newestFirst().filter((instance) => instance.visible.id)
  return [...visible.map(interfaceOf), ...left]
}

const EQUAL: Record<string, (one: Interface) => string> = {
  Status: (one) => one.status,
  Type: (one) => one.type,
  InstanceId: (one) => one.instanceId,
  VpcId: (one) => one.vpcId,
  VSwitchId: (one) => one.vSwitchId,
  PrimaryIpAddress: (one) => one.privateIp,
  ResourceGroupId: (one) => one.resourceGroupId,
  NetworkInterfaceName: () => '',
}

function filtersOf(parameters: Parameters): ((one: Interface) => boolean)[] {
  const filters = Object.entries(EQUAL).flatMap(([name, read]) => {
    const wanted = parameters.text(name)
    return wanted === undefined ? [] : [(one: Interface) => read(one) === wanted]
  })
  const ids = parameters.list('NetworkInterfaceId')
  const addresses = parameters.list('PrivateIpAddress')
  const group = parameters.text('SecurityGroupId')
  const tags = readTagFilter(parameters.objects('Tag'))
  return [
    ...filters,
    ...(ids.length > 0 ? [(one: Interface) => ids.includes(one.id)] : []),
    ...(addresses.length > 0 ? [(one: Interface) => addresses.includes(one.privateIp)] : []),
    ...(group === undefined ? [] : [(one: Interface) => one.securityGroupIds.includes(group)]),
    ...(parameters.flag('ServiceManaged') ? [() => false] : []),
    ...(tags.length > 0 ? [(one: Interface) => hasTags(one.tags, tags)] : []),
  ]
}

function view(cloud: Cloud, one: Interface): Record<string, unknown> {
  return {
    NetworkInterfaceId: one.id,
    NetworkInterfaceName: '',
    Description: '',
    Status: one.status,
    Type: one.type,
    InstanceId: one.instanceId,
    VpcId: one.vpcId,
    VSwitchId: one.vSwitchId,
    ZoneId: one.zoneId,
    MacAddress: one.mac,
    PrivateIpAddress: one.privateIp,
    PrivateIpSets: { PrivateIpSet: [{ PrivateIpAddress: one.privateIp, Primary: true }] },
    Ipv6Sets: { Ipv6Set: [] },
    SecurityGroupIds: { SecurityGroupId: one.securityGroupIds },
    AssociatedPublicIp: {},
    Attachment: {},
    OwnerId: cloud.ownerAccountId,
    ServiceID: 0,
    ServiceManaged: false,
    QueueNumber: 1,
    DeleteOnRelease: true,
    NetworkInterfaceTrafficMode: 'Standard',
    ResourceGroupId: one.resourceGroupId,
    CreationTime: secondTime(one.createdAtMs),
    Tags: { Tag: Object.entries(one.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })) },
  }
}
