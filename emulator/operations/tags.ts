import type { Cloud } from '../cloud/cloud.ts'
import { refuse } from '../errors.ts'
import type { Parameters } from '../fields.ts'
import { regionOf } from './common.ts'
import { OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation } from './operation.ts'
import { tokenPage } from './paging.ts'
import { hasTags, MAX_TAGS, readTagFilter, readTags } from './tag-rules.ts'
import { taggableOf, taggablesBy } from './taggable.ts'
import type { Taggable } from './taggable.ts'

/** Resource types of the cloud; here instances have tags, and what outlived one. */
const RESOURCE_TYPES = [
  'instance',
  'disk',
  'snapshot',
  'image',
  'securitygroup',
  'volume',
  'eni',
  'ddh',
  'keypair',
  'launchtemplate',
  'reservedinstance',
  'snapshotpolicy',
] as const
const MAX_RESOURCES = 50
/** Tags in one answer of ListTagResources. */
const PAGE = 50

const COMMON_FIELDS = {
  ...OWNER_FIELDS,
  RegionId: REGION_FIELD,
  ResourceType: {
    type: 'string',
    values: RESOURCE_TYPES,
    error: 'InvalidResourceType.NotFound',
    note: 'instances, and disks and enis that outlived theirs',
  },
  'ResourceId.N': { type: 'string', note: 'at most 50' },
} as const

export const tagResources: Operation = {
  summary: 'Sets tags of up to 50 resources',
  fields: { ...COMMON_FIELDS, 'Tag.N.Key': { type: 'string' }, 'Tag.N.Value': { type: 'string' } },
  handle({ cloud, parameters }) {
    regionOf(cloud, parameters)
    const pairs = parameters.objects('Tag')
    if (pairs.length === 0) throw refuse('MissingParameter.Tags')
    if (pairs.length > MAX_TAGS) throw refuse('NumberExceed.Tags')
    const tags = readTags(pairs)
    const resources = resourcesOf(cloud, parameters, { required: true })
    for (const resource of resources) {
      if (new Set([...Object.keys(resource.tags), ...Object.keys(tags)]).size > MAX_TAGS) {
        throw refuse('OperationDenied.QuotaExceed')
      }
    }
    for (const resource of resources) resource.set(tags)
    return {}
  },
}

export const untagResources: Operation = {
  summary: 'Removes tags by key, or all of them',
  fields: { ...COMMON_FIELDS, 'TagKey.N': { type: 'string' }, All: { type: 'boolean' } },
  handle({ cloud, parameters }) {
    regionOf(cloud, parameters)
    const keys = parameters.list('TagKey')
    if (keys.length > MAX_TAGS) throw refuse('NumberExceed.Tags')
    const all = keys.length === 0 && parameters.flag('All')
    if (keys.length === 0 && !all) throw refuse('MissingParameter.Tags')
    for (const resource of resourcesOf(cloud, parameters, { required: true })) {
      resource.remove(all ? 'all' : keys)
    }
    return {}
  },
}

export const listTagResources: Operation = {
  summary: 'Lists tags by resource or by tag; sees every resource, page after page',
  fields: {
    ...COMMON_FIELDS,
    'Tag.N.Key': { type: 'string' },
    'Tag.N.Value': { type: 'string' },
    NextToken: { type: 'string' },
  },
  handle({ cloud, parameters }) {
    const { regionId } = regionOf(cloud, parameters)
    const filter = readTagFilter(parameters.objects('Tag'))
    const named = resourcesOf(cloud, parameters, { required: false })
    if (filter.length === 0 && named.length === 0 && !parameters.has('ResourceId.1')) {
      throw refuse('MissingParameter.Tags')
    }
    const asked = parameters.has('ResourceId.1')
      ? named
      : taggablesBy(cloud, parameters.text('ResourceType', ''), filter)
    const found = asked.filter((one) => one.regionId === regionId && hasTags(one.tags, filter))
    const rows = found.flatMap((one) => rowsOf(one, filter))
    const page = tokenPage(rows, parameters, PAGE, ({ rank }) => rank)
    return {
      NextToken: page.NextToken,
      TagResources: { TagResource: page.items.map(({ row }) => row) },
    }
  },
}

/** With a tag filter only the tags it names are shown. Ranks fall through resources, then through their keys. */
function rowsOf({ id, type, rank, tags }: Taggable, filter: readonly { key: string }[]) {
  const keys = Object.keys(tags)
    .filter((key) => filter.length === 0 || filter.some((wanted) => wanted.key === key))
    .toSorted()
  return keys.map((key, at) => ({
    rank: rank * 100 - at,
    row: { ResourceType: type, ResourceId: id, TagKey: key, TagValue: tags[key] ?? '' },
  }))
}

/** Named resources, newest first. Writing to one that does not exist is refused; looking for it finds nothing. */
function resourcesOf(cloud: Cloud, parameters: Parameters, { required }: { required: boolean }): Taggable[] {
  const type = parameters.text('ResourceType')
  if (type === undefined) throw refuse('MissingParameter.ResourceType')
  const ids = [...new Set(parameters.list('ResourceId'))]
  if (ids.length > MAX_RESOURCES) throw refuse('NumberExceed.ResourceIds')
  if (required && ids.length === 0) throw refuse('MissingParameter', 'ResourceId.1')
  const found = ids.map((id) => taggableOf(cloud, type, id)).filter((one) => one !== undefined)
  if (required && found.length < ids.length) throw refuse('InvalidResourceId.NotFound')
  return found.sort((a, b) => b.rank - a.rank)
}
