import type { Cloud } from '../cloud/cloud.ts'
import type { Instance } from '../cloud/instance.ts'
import type { Parameters } from '../fields.ts'
import { like } from '../faults/match.ts'
import { endDryRun, regionOf } from './common.ts'
import { instanceView } from './instance-view.ts'
import { OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation } from './operation.ts'
import { maxResults, pageFields, pageOf, TOKEN_FIELDS, tokenPage, wantsTokens } from './paging.ts'
import { hasTags, readTagFilter, TAG_FILTER_SEES } from './tag-rules.ts'

const ID_LIST = { type: 'ids', max: 100 } as const

export const describeInstances: Operation = {
  summary: 'Lists instances, newest first; ids that do not exist are simply absent',
  fields: {
    ...OWNER_FIELDS,
    RegionId: REGION_FIELD,
    InstanceIds: { ...ID_LIST, note: 'JSON list of at most 100' },
    'Tag.N.Key': { type: 'string' },
    'Tag.N.Value': { type: 'string' },
    Status: {
      type: 'string',
      values: ['Pending', 'Starting', 'Running', 'Stopping', 'Stopped'],
      error: 'InvalidStatus.NotFound',
    },
    VpcId: { type: 'string' },
    VSwitchId: { type: 'string' },
    ZoneId: { type: 'string' },
    SecurityGroupId: { type: 'string' },
    InstanceName: { type: 'string', note: '`*` stands for any run of characters' },
    InstanceType: { type: 'string' },
    InstanceTypeFamily: { type: 'string' },
    ImageId: { type: 'string' },
    KeyPairName: { type: 'string' },
    ResourceGroupId: { type: 'string' },
    PrivateIpAddresses: { ...ID_LIST, note: 'JSON list of at most 100' },
    PublicIpAddresses: { ...ID_LIST, note: 'JSON list of at most 100' },
    EipAddresses: { ...ID_LIST, note: 'JSON list; the emulator has no EIPs' },
    InnerIpAddresses: { ...ID_LIST, note: 'JSON list; the emulator has no classic network' },
    InstanceChargeType: {
      type: 'string',
      values: ['PostPaid', 'PrePaid'],
      error: 'InvalidInstanceChargeType.NotFound',
    },
    InternetChargeType: {
      type: 'string',
      values: ['PayByTraffic', 'PayByBandwidth'],
      error: 'InvalidInternetChargeType.ValueNotSupported',
    },
    InstanceNetworkType: {
      type: 'string',
      values: ['vpc', 'classic'],
      error: 'InvalidNetworkType.NotFound',
    },
    LockReason: {
      type: 'string',
      values: ['financial', 'security', 'Recycling', 'dedicatedhostfinancial', 'refunded'],
      error: 'InvalidLockReason.NotFound',
    },
    HttpEndpoint: { type: 'string', values: ['enabled', 'disabled'] },
    HttpTokens: { type: 'string', values: ['optional', 'required'] },
    IoOptimized: { type: 'boolean', note: 'false matches nothing' },
    'AdditionalAttributes.N': { type: 'string', note: 'MetadataOptions are always shown' },
    DryRun: { type: 'boolean' },
    ...pageFields(100),
    ...TOKEN_FIELDS,
  },
  handle({ cloud, parameters }) {
    const { regionId } = regionOf(cloud, parameters)
    endDryRun(parameters)
    const filters = filtersOf(parameters)
    const found = candidates(cloud, parameters)
      .filter((instance) => instance.visible.id && instance.regionId === regionId)
      .filter((instance) => filters.every((filter) => filter(instance)))
    const seen = parameters.objects('Tag').length > 0 ? found.slice(0, TAG_FILTER_SEES) : found
    const view = (instances: readonly Instance[]): Record<string, unknown> => ({
      Instances: { Instance: instances.map((instance) => instanceView(cloud, instance)) },
    })
    if (wantsTokens(parameters)) {
      const page = tokenPage(seen, parameters, maxResults(parameters), (instance) => instance.order)
      return {
        ...view(page.items),
        NextToken: page.NextToken,
        TotalCount: seen.length,
        PageNumber: 0,
        PageSize: 0,
      }
    }
    const { items, ...numbers } = pageOf(seen, parameters)
    return { ...view(items), ...numbers, NextToken: '' }
  },
}

/** The smallest set an index gives; everything when no indexed filter was sent. */
function candidates(cloud: Cloud, parameters: Parameters): Instance[] {
  const ids = parameters.ids('InstanceIds')
  if (ids !== undefined) return distinct(ids.map((id) => cloud.instances.get(id)))
  const addresses = parameters.ids('PrivateIpAddresses')
  if (addresses !== undefined)
    return distinct(addresses.map((address) => cloud.instances.byPrivateIp(address)))
  const tags = readTagFilter(parameters.objects('Tag'))
  return tags.length > 0 ? cloud.instances.byTags(tags) : cloud.instances.newestFirst()
}

function distinct(found: readonly (Instance | undefined)[]): Instance[] {
  const live = found.filter((instance) => instance !== undefined)
  return [...new Set(live)].sort((a, b) => b.order - a.order)
}

/** Filters that name one property of an instance. */
const EQUAL: Record<string, (instance: Instance) => string> = {
  Status: (instance) => instance.status,
  VpcId: (instance) => instance.vpcId,
  VSwitchId: (instance) => instance.vSwitchId,
  ZoneId: (instance) => instance.zoneId,
  InstanceType: (instance) => instance.instanceType,
  InstanceTypeFamily: (instance) => instance.instanceType.split('.').slice(0, 2).join('.'),
  ImageId: (instance) => instance.imageId,
  KeyPairName: (instance) => instance.keyPairName,
  ResourceGroupId: (instance) => instance.resourceGroupId,
  InstanceChargeType: (instance) => instance.chargeType,
  InternetChargeType: (instance) => instance.internet.chargeType,
  InstanceNetworkType: () => 'vpc',
  HttpEndpoint: (instance) => instance.metadata.httpEndpoint,
  HttpTokens: (instance) => instance.metadata.httpTokens,
}

/** Filters of which an instance must have one of its several values. */
const CONTAINS: Record<string, (instance: Instance) => readonly string[]> = {
  SecurityGroupId: (instance) => instance.securityGroupIds,
  LockReason: (instance) => instance.locks,
}

/** Filters by JSON lists of addresses. */
const ADDRESSES: Record<string, (instance: Instance) => string | undefined> = {
  PrivateIpAddresses: (instance) => (instance.visible.ip ? instance.privateIp : undefined),
  PublicIpAddresses: (instance) => instance.publicIp,
  EipAddresses: () => undefined,
  InnerIpAddresses: () => undefined,
}

function filtersOf(parameters: Parameters): ((instance: Instance) => boolean)[] {
  const filters: ((instance: Instance) => boolean)[] = []
  for (const [name, read] of Object.entries(EQUAL)) {
    const wanted = parameters.text(name)
    if (wanted !== undefined) filters.push((instance) => read(instance) === wanted)
  }
  for (const [name, read] of Object.entries(CONTAINS)) {
    const wanted = parameters.text(name)
    if (wanted !== undefined) filters.push((instance) => read(instance).includes(wanted))
  }
  for (const [name, read] of Object.entries(ADDRESSES)) {
    const wanted = parameters.ids(name)
    if (wanted !== undefined) filters.push((instance) => wanted.includes(read(instance) ?? ''))
  }
  const name = parameters.text('InstanceName')
  if (name !== undefined) filters.push((instance) => like(name, instance.name))
  if (parameters.has('IoOptimized') && !parameters.flag('IoOptimized')) filters.push(() => false)
  const tags = readTagFilter(parameters.objects('Tag'))
  if (tags.length > 0) {
    filters.push((instance) => hasTags(instance.tags, tags))
  }
  return filters
}
