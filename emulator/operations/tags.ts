import type { Cloud } from '../cloud/cloud.ts'
import type { Instance } from '../cloud/instance.ts'
import { refuse } from '../errors.ts'
import type { Parameters } from '../fields.ts'
import { regionOf } from './common.ts'
import { OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation } from './operation.ts'
import { tokenPage } from './paging.ts'
import { MAX_TAGS, readTagFilter, readTags } from './tag-rules.ts'

/** Resource types of the cloud; the emulator has tags of instances only. */
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
    note: 'only instances have tags here',
  },
  'ResourceId.N': { type: 'string', note: 'at most 50' },
} as const

export const tagResources: Operation = {
  summary: 'Sets tags of up to 50 instances',
  fields: { ...COMMON_FIELDS, 'Tag.N.Key': { type: 'string' }, 'Tag.N.Value': { type: 'string' } },
  handle({ cloud, parameters }) {
    regionOf(cloud, parameters)
    const pairs = parameters.objects('Tag')
    if (pairs.length === 0) throw refuse('MissingParameter.Tags')
    if (pairs.length > MAX_TAGS) throw refuse('NumberExceed.Tags')
    const tags = readTags(pairs)
    const instances = resourcesOf(cloud, parameters, { required: true })
    for (const instance of instances) {
      if (new Set([...Object.keys(instance.tags), ...Object.keys(tags)]).size > MAX_TAGS) {
        throw refuse('OperationDenied.QuotaExceed')
      }
    }
    for (const instance of instances) {
      cloud.instances.setTags(instance, tags)
      cloud.saved(instance)
    }
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
    for (const instance of resourcesOf(cloud, parameters, { required: true })) {
      cloud.instances.removeTags(instance, all ? 'all' : keys)
      cloud.saved(instance)
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
    const asked = parameters.has('ResourceId.1') ? named : cloud.instances.byTags(filter)
    const found = asked
      .filter((instance) => instance.visible.id && instance.regionId === regionId)
      .filter((instance) => filter.every(({ key, value }) => carries(instance, key, value)))
    const rows = found.flatMap((instance) => rowsOf(instance, filter))
    const page = tokenPage(rows, parameters, PAGE, ({ rank }) => rank)
    return {
      NextToken: page.NextToken,
      TagResources: { TagResource: page.items.map(({ row }) => row) },
    }
  },
}

function carries(instance: Instance, key: string, value: string | undefined): boolean {
  return Object.hasOwn(instance.tags, key) && (value ?? instance.tags[key]) === instance.tags[key]
}

/** With a tag filter only the tags it names are shown. Ranks fall through instances, then through their keys. */
function rowsOf(instance: Instance, filter: readonly { key: string }[]) {
  const keys = Object.keys(instance.tags)
    .filter((key) => filter.length === 0 || filter.some((wanted) => wanted.key === key))
    .toSorted()
  return keys.map((key, at) => ({
    rank: instance.order * 100 - at,
    row: {
      ResourceType: 'instance',
      ResourceId: instance.instanceId,
      TagKey: key,
      TagValue: instance.tags[key] ?? '',
    },
  }))
}

/** Named instances, newest first. Writing to one that does not exist is refused; looking for it finds nothing. */
function resourcesOf(cloud: Cloud, parameters: Parameters, { required }: { required: boolean }): Instance[] {
  const type = parameters.text('ResourceType')
  if (type === undefined) throw refuse('MissingParameter.ResourceType')
  const ids = [...new Set(parameters.list('ResourceId'))]
  if (ids.length > MAX_RESOURCES) throw refuse('NumberExceed.ResourceIds')
  if (required && ids.length === 0) throw refuse('MissingParameter', 'ResourceId.1')
  const found = ids
    .map((id) => (type === 'instance' ? cloud.instances.get(id) : undefined))
    .filter((instance) => instance !== undefined && instance.visible.id)
    .filter((instance) => instance !== undefined)
  if (required && found.length < ids.length) throw refuse('InvalidResourceId.NotFound')
  return found.sort((a, b) => b.order - a.order)
}
