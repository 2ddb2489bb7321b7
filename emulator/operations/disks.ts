import type { Cloud } from '../cloud/cloud.ts'
import { disksOf, type Disk } from '../cloud/storage.ts'
import { refuse } from '../errors.ts'
import { like } from '../faults/match.ts'
import type { Parameters } from '../fields.ts'
import { endDryRun, regionOf, secondTime } from './common.ts'
import { OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation } from './operation.ts'
import { MANY_RESULTS, pageFields, resourcePage } from './paging.ts'
import { hasTags, readTagFilter, TAG_FILTER_SEES } from './tag-rules.ts'

export const describeDisks: Operation = {
  summary: 'Lists disks, newest first; ids that do not exist are simply absent',
  fields: {
    ...OWNER_FIELDS,
    RegionId: REGION_FIELD,
    DiskIds: { type: 'ids', max: 100, note: 'JSON list of at most 100' },
    'Tag.N.Key': { type: 'string' },
    'Tag.N.Value': { type: 'string' },
    Status: {
      type: 'string',
      values: ['In_use', 'Available', 'Attaching', 'Detaching', 'Creating', 'ReIniting', 'All'],
    },
    DiskType: { type: 'string', values: ['all', 'system', 'data'] },
    Category: { type: 'string', note: '`all` is any' },
    InstanceId: { type: 'string' },
    ZoneId: { type: 'string' },
    DiskName: { type: 'string', note: '`*` stands for any run of characters; disks have no names here' },
    ResourceGroupId: { type: 'string' },
    DeleteWithInstance: { type: 'boolean' },
    Portable: { type: 'boolean', note: 'every disk is' },
    DryRun: { type: 'boolean' },
    ...pageFields(100),
    ...MANY_RESULTS,
  },
  handle({ cloud, parameters }) {
    const { regionId } = regionOf(cloud, parameters)
    endDryRun(parameters)
    const filters = filtersOf(parameters)
    const found = allDisks(cloud, parameters)
      .filter((disk) => disk.regionId === regionId && filters.every((filter) => filter(disk)))
      .sort((a, b) => b.rank - a.rank)
    const seen = parameters.objects('Tag').length > 0 ? found.slice(0, TAG_FILTER_SEES) : found
    return resourcePage(seen, parameters, (page) => ({ Disks: { Disk: page.map(diskView) } }))
  },
}

export const deleteDisk: Operation = {
  summary: 'Releases one disk that is attached to nothing; knows no RegionId',
  fields: { ...OWNER_FIELDS, DiskId: { type: 'string', required: true } },
  handle({ cloud, parameters }) {
    const id = parameters.text('DiskId', '')
    if (cloud.leftovers.get(id)?.kind === 'disk') {
      cloud.removeLeftover(id)
      return {}
    }
    const attached = cloud.instances.newestFirst().some((one) => disksOf(one).some((disk) => disk.id === id))
    throw refuse(attached ? 'IncorrectDiskStatus' : 'InvalidDiskId.NotFound')
  },
}

function allDisks(cloud: Cloud, parameters: Parameters): Disk[] {
  const instanceId = parameters.text('InstanceId')
  const one = instanceId === undefined ? undefined : cloud.instances.get(instanceId)
  const instances = instanceId === undefined ? cloud.instances.newestFirst() : one ? [one] : []
  const visible = instances.filter((instance) => instance.visible.id)
  // Nothing that is attached is Available: a cloud of thousands need not be gone through for the few that are.
  const attached = parameters.text('Status') === 'Available' ? [] : visible.flatMap(disksOf)
  return [...attached, ...cloud.leftovers.all().filter((left) => left.kind === 'disk')]
}

function filtersOf(parameters: Parameters): ((disk: Disk) => boolean)[] {
  const equal = (name: string, any: string, read: (disk: Disk) => string) => {
    const wanted = parameters.text(name)
    return wanted === undefined || wanted === any ? [] : [(disk: Disk) => read(disk) === wanted]
  }
  const ids = parameters.ids('DiskIds')
  const name = parameters.text('DiskName')
  const tags = readTagFilter(parameters.objects('Tag'))
  return [
    ...equal('Status', 'All', (disk) => disk.status),
    ...equal('DiskType', 'all', (disk) => disk.type),
    ...equal('Category', 'all', (disk) => disk.category),
    ...equal('InstanceId', '', (disk) => disk.instanceId),
    ...equal('ZoneId', '', (disk) => disk.zoneId),
    ...equal('ResourceGroupId', '', (disk) => disk.resourceGroupId),
    ...(ids === undefined ? [] : [(disk: Disk) => ids.includes(disk.id)]),
    ...(name === undefined ? [] : [() => like(name, '')]),
    ...(parameters.has('Portable') && !parameters.flag('Portable') ? [() => false] : []),
    ...(parameters.has('DeleteWithInstance')
      ? [(disk: Disk) => disk.deleteWithInstance === parameters.flag('DeleteWithInstance')]
      : []),
    ...(tags.length > 0 ? [(disk: Disk) => hasTags(disk.tags, tags)] : []),
  ]
}

function diskView(disk: Disk): Record<string, unknown> {
  return {
    DiskId: disk.id,
    DiskName: '',
    Description: '',
    RegionId: disk.regionId,
    ZoneId: disk.zoneId,
    Type: disk.type,
    Category: disk.category,
    Size: disk.sizeGiB,
    Status: disk.status,
    Portable: true,
    DeleteWithInstance: disk.deleteWithInstance,
    DeleteAutoSnapshot: false,
    Encrypted: false,
    MultiAttach: 'Disabled',
    DiskChargeType: 'PostPaid',
    ImageId: disk.imageId,
    InstanceId: disk.instanceId,
    Device: disk.device,
    SourceSnapshotId: '',
    ResourceGroupId: disk.resourceGroupId,
    CreationTime: secondTime(disk.createdAtMs),
    AttachedTime: secondTime(disk.createdAtMs),
    DetachedTime: disk.detachedAtMs === undefined ? '' : secondTime(disk.detachedAtMs),
    ExpiredTime: '2999-09-08T16:00Z',
    Tags: { Tag: Object.entries(disk.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })) },
    OperationLocks: { OperationLock: [] },
    MountInstances: { MountInstance: [] },
    Attachments: { Attachment: [] },
  }
}
