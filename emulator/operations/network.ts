import { refuse } from '../errors.ts'
import { regionOf } from './common.ts'
import { OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation } from './operation.ts'
import { maxResults, pageFields, pageOf, TOKEN_FIELDS, tokenPage, wantsTokens } from './paging.ts'

export const describeVpcs: Operation = {
  summary: 'Lists VPCs',
  fields: {
    ...OWNER_FIELDS,
    RegionId: REGION_FIELD,
    VpcId: { type: 'string', note: 'several separated by commas' },
    IsDefault: { type: 'boolean' },
    ...pageFields(50),
  },
  handle({ cloud, parameters }) {
    const { regionId } = regionOf(cloud, parameters)
    const ids = parameters.text('VpcId')?.split(',')
    const { vpcs, vSwitches } = cloud.places.catalogue()
    const found = vpcs
      .filter((vpc) => vpc.regionId === regionId && (ids?.includes(vpc.vpcId) ?? true))
      .filter((vpc) => !parameters.has('IsDefault') || parameters.flag('IsDefault') === vpc.isDefault)
    const { items, ...numbers } = pageOf(found, parameters)
    return {
      Vpcs: {
        Vpc: items.map((vpc) => ({
          VpcId: vpc.vpcId,
          VpcName: vpc.name,
          RegionId: vpc.regionId,
          CidrBlock: vpc.cidr,
          Status: 'Available',
          IsDefault: vpc.isDefault,
          Description: '',
          CreationTime: vpc.createdAt,
          VRouterId: `vrt-${vpc.vpcId.slice(4)}`,
          UserCidrs: { UserCidr: [] },
          VSwitchIds: {
            VSwitchId: vSwitches.filter(({ vpcId }) => vpcId === vpc.vpcId).map(({ vSwitchId }) => vSwitchId),
          },
        })),
      },
      ...numbers,
    }
  },
}

export const describeVSwitches: Operation = {
  summary: 'Lists vSwitches with their free addresses',
  fields: {
    ...OWNER_FIELDS,
    RegionId: { type: 'string' },
    VpcId: { type: 'string' },
    VSwitchId: { type: 'string', note: 'several separated by commas' },
    ZoneId: { type: 'string' },
    IsDefault: { type: 'boolean' },
    ...pageFields(50),
  },
  handle({ cloud, parameters }) {
    const regionId = parameters.has('RegionId') ? regionOf(cloud, parameters).regionId : undefined
    if (regionId === undefined && !parameters.has('VpcId') && !parameters.has('VSwitchId')) {
      throw refuse('MissingParameter', 'RegionId')
    }
    const ids = parameters.text('VSwitchId')?.split(',')
    const vpcId = parameters.text('VpcId')
    const zoneId = parameters.text('ZoneId')
    const found = cloud.places
      .catalogue()
      .vSwitches.filter((one) => (regionId ?? one.regionId) === one.regionId)
      .filter((one) => (vpcId ?? one.vpcId) === one.vpcId && (zoneId ?? one.zoneId) === one.zoneId)
      .filter((one) => ids?.includes(one.vSwitchId) ?? true)
      .filter((one) => !parameters.has('IsDefault') || parameters.flag('IsDefault') === one.isDefault)
    const { items, ...numbers } = pageOf(found, parameters)
    return {
      VSwitches: {
        VSwitch: items.map((one) => ({
          VSwitchId: one.vSwitchId,
          VSwitchName: one.name,
          VpcId: one.vpcId,
          ZoneId: one.zoneId,
          CidrBlock: one.cidr,
          Status: 'Available',
          IsDefault: one.isDefault,
          Description: '',
          ResourceGroupId: '',
          CreationTime: one.createdAt,
          AvailableIpAddressCount: cloud.places.pool(one.vSwitchId)?.free() ?? 0,
        })),
      },
      ...numbers,
    }
  },
}

export const describeSecurityGroups: Operation = {
  summary: 'Lists security groups',
  fields: {
    ...OWNER_FIELDS,
    RegionId: REGION_FIELD,
    VpcId: { type: 'string' },
    SecurityGroupId: { type: 'string' },
    SecurityGroupIds: { type: 'ids', max: 100, note: 'JSON list of at most 100' },
    SecurityGroupName: { type: 'string' },
    SecurityGroupType: { type: 'string', values: ['normal', 'enterprise'] },
    NetworkType: { type: 'string', values: ['vpc', 'classic'] },
    IsQueryEcsCount: { type: 'boolean' },
    'Tag.N.Key': { type: 'string', note: 'groups have no tags: a filter matches nothing' },
    'Tag.N.Value': { type: 'string' },
    ...pageFields(100),
    ...TOKEN_FIELDS,
  },
  handle({ cloud, parameters }) {
    const { regionId } = regionOf(cloud, parameters)
    const one = parameters.text('SecurityGroupId')
    const ids = parameters.ids('SecurityGroupIds') ?? (one === undefined ? undefined : [one])
    const vpcId = parameters.text('VpcId')
    const name = parameters.text('SecurityGroupName')
    const type = parameters.text('SecurityGroupType')
    const found = cloud.places
      .catalogue()
      .securityGroups.filter((group) => group.regionId === regionId && (vpcId ?? group.vpcId) === group.vpcId)
      .filter((group) => ids?.includes(group.securityGroupId) ?? true)
      .filter((group) => (name ?? group.name) === group.name && (type ?? group.type) === group.type)
      .filter(() => parameters.text('NetworkType') !== 'classic' && parameters.objects('Tag').length === 0)
    const members = (id: string): number =>
      cloud.instances.newestFirst().filter(({ securityGroupIds }) => securityGroupIds.includes(id)).length
    const view = (group: (typeof found)[number]): Record<string, unknown> => ({
      SecurityGroupId: group.securityGroupId,
      SecurityGroupName: group.name,
      SecurityGroupType: group.type,
      VpcId: group.vpcId,
      Description: '',
      ResourceGroupId: '',
      ServiceManaged: false,
      CreationTime: group.createdAt,
      Tags: { Tag: [] },
      ...(parameters.flag('IsQueryEcsCount') ? { EcsCount: members(group.securityGroupId) } : {}),
    })
    if (wantsTokens(parameters)) {
      const page = tokenPage(found, parameters, maxResults(parameters), (group) => -found.indexOf(group))
      return {
        RegionId: regionId,
        SecurityGroups: { SecurityGroup: page.items.map(view) },
        NextToken: page.NextToken,
      }
    }
    const { items, ...numbers } = pageOf(found, parameters)
    return { RegionId: regionId, SecurityGroups: { SecurityGroup: items.map(view) }, ...numbers }
  },
}
