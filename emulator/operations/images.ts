import type { Image } from '../cloud/catalogue.ts'
import { like } from '../faults/match.ts'
import type { Parameters } from '../fields.ts'
import { regionOf } from './common.ts'
import { OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation } from './operation.ts'
import { pageFields, pageOf } from './paging.ts'
import { readTagFilter } from './tag-rules.ts'

export const describeImages: Operation = {
  summary: 'Lists images, Available ones unless a Status is asked for',
  fields: {
    ...OWNER_FIELDS,
    RegionId: REGION_FIELD,
    ImageId: { type: 'string', note: 'several separated by commas' },
    ImageName: { type: 'string', note: '`*` stands for any run of characters' },
    ImageFamily: { type: 'string' },
    ImageOwnerAlias: {
      type: 'string',
      values: ['system', 'self', 'others', 'marketplace'],
      error: 'InvalidImageOwnerAlias.ValueNotSupported',
    },
    OSType: { type: 'string', values: ['windows', 'linux'], error: 'InvalidOSType' },
    Architecture: { type: 'string', values: ['i386', 'x86_64', 'arm64'], error: 'InvalidArchitecture' },
    Status: { type: 'string', note: 'several separated by commas' },
    'Tag.N.Key': { type: 'string' },
    'Tag.N.Value': { type: 'string' },
    InstanceType: { type: 'string', note: 'every image suits every type' },
    IsSupportIoOptimized: { type: 'boolean', note: 'ignored' },
    IsSupportCloudinit: { type: 'boolean' },
    IsPublic: { type: 'boolean' },
    ShowExpired: { type: 'boolean', note: 'ignored' },
    Usage: { type: 'string', values: ['instance', 'none'], note: 'ignored' },
    ...pageFields(100),
  },
  handle({ cloud, parameters }) {
    const { regionId } = regionOf(cloud, parameters)
    const filters = filtersOf(parameters)
    const found = cloud.places.images(regionId).filter((image) => filters.every((fits) => fits(image)))
    const { items, ...numbers } = pageOf(found, parameters)
    return { RegionId: regionId, Images: { Image: items.map(imageView) }, ...numbers }
  },
}

function filtersOf(parameters: Parameters): ((image: Image) => boolean)[] {
  const statuses = parameters.text('Status', 'Available').split(',')
  const ids = parameters.text('ImageId')?.split(',')
  const name = parameters.text('ImageName')
  const tags = readTagFilter(parameters.objects('Tag'))
  const equal = (field: string, read: (image: Image) => string | undefined) => {
    const wanted = parameters.text(field)
    return (image: Image): boolean => wanted === undefined || read(image) === wanted
  }
  const flag =
    (field: string, read: (image: Image) => boolean) =>
    (image: Image): boolean =>
      !parameters.has(field) || parameters.flag(field) === read(image)
  return [
    (image) => statuses.includes(image.status),
    (image) => ids?.includes(image.imageId) ?? true,
    (image) => name === undefined || like(name, image.name),
    (image) =>
      tags.every(({ key, value }) => (value ?? image.tags[key]) === image.tags[key] && key in image.tags),
    equal('ImageFamily', (image) => image.family),
    equal('ImageOwnerAlias', (image) => image.owner),
    equal('OSType', (image) => image.os),
    equal('Architecture', (image) => image.architecture),
    flag('IsSupportCloudinit', (image) => image.supportsCloudInit),
    flag('IsPublic', (image) => image.owner === 'system'),
  ]
}

function imageView(image: Image): Record<string, unknown> {
  const own = image.owner === 'self'
  return {
    ImageId: image.imageId,
    ImageName: image.name,
    ImageFamily: image.family ?? '',
    ImageVersion: '',
    Description: image.description ?? '',
    OSType: image.os,
    OSName: image.osName,
    OSNameEn: image.osName,
    Platform: image.platform,
    Architecture: image.architecture,
    Size: image.sizeGiB,
    ImageOwnerAlias: image.owner,
    IsPublic: !own,
    IsSelfShared: '',
    IsCopied: false,
    IsSubscribed: false,
    IsSupportIoOptimized: true,
    IsSupportCloudinit: image.supportsCloudInit,
    Status: image.status,
    Progress: '100%',
    Usage: 'none',
    ProductCode: '',
    ResourceGroupId: '',
    CreationTime: image.createdAt,
    Tags: { Tag: Object.entries(image.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })) },
    DiskDeviceMappings: {
      DiskDeviceMapping: own
        ? [
            {
              Device: '/dev/xvda',
              Type: 'system',
              Size: String(image.sizeGiB),
              Format: '',
              Progress: '',
              SnapshotId: `s-${image.imageId.slice(2)}`,
              ImportOSSBucket: '',
              ImportOSSObject: '',
            },
          ]
        : [],
    },
  }
}
