import { DeleteDiskRequest } from '@alicloud/ecs20140526/dist/models/DeleteDiskRequest.js'
import { DeleteNetworkInterfaceRequest } from '@alicloud/ecs20140526/dist/models/DeleteNetworkInterfaceRequest.js'
import { DescribeDisksRequest } from '@alicloud/ecs20140526/dist/models/DescribeDisksRequest.js'
import { DescribeNetworkInterfacesRequest } from '@alicloud/ecs20140526/dist/models/DescribeNetworkInterfacesRequest.js'
import {
  ListTagResourcesRequest,
  ListTagResourcesRequestTag,
} from '@alicloud/ecs20140526/dist/models/ListTagResourcesRequest.js'
import {
  TagResourcesRequest,
  TagResourcesRequestTag,
} from '@alicloud/ecs20140526/dist/models/TagResourcesRequest.js'
import { UntagResourcesRequest } from '@alicloud/ecs20140526/dist/models/UntagResourcesRequest.js'
import type { ResourceKind, SweptResource } from '../../domain/sweep/types.ts'
import { plainAnswer } from './answers.ts'
import { notUnderstood } from './sdk-call.ts'
import type { Send } from './sdk-call.ts'
import type { FreeKind, SweepApi } from './sweep-api.ts'
import { disk, disksAnswer, interfacesAnswer, networkInterface, taggedAnswer } from './sweep-answers.ts'

/** A list without end would be a fault of the cloud's; 50 tags a page are room for 25,000 instances. */
const MAX_PAGES = 500
/** Entries of one page of disks or interfaces (ECS API reference). */
const PAGE_SIZE = 500

const TYPE_NAMES: Record<ResourceKind, string> = { instance: 'instance', disk: 'disk', interface: 'eni' }

/** The sweep's calls through Alibaba's SDK. */
export function sweepCalls(regionId: string, send: Send): SweepApi {
  const one = (kind: ResourceKind, id: string) => ({
    regionId,
    resourceType: TYPE_NAMES[kind],
    resourceId: [id],
  })
  return {
    async taggedInstances(tags) {
      const tag = pairs(tags).map((pair) => new ListTagResourcesRequestTag(pair))
      const query = { regionId, resourceType: TYPE_NAMES.instance, tag }
      const ids = await everyPage('ListTagResources', async (token) => {
        const request = new ListTagResourcesRequest({ ...query, ...token })
        const answer = await send('ListTagResources', request, taggedAnswer)
        return {
          items: answer.TagResources.TagResource.map(({ ResourceId }) => ResourceId),
          next: answer.NextToken,
        }
      })
      return [...new Set(ids)] // an id is listed once for each of its tags
    },
    freeResources: (kind) => (kind === 'disk' ? disks : interfaces)(regionId, send, { status: 'Available' }),
    async freeResource(kind, id) {
      const found = await (kind === 'disk'
        ? disks(regionId, send, { diskIds: JSON.stringify([id]) })
        : interfaces(regionId, send, { networkInterfaceId: [id] }))
      return found.find((one) => one.id === id)
    },
    deleteFree: (kind, id) => deleteFree(regionId, send, kind, id),
    async tagResource(kind, id, tags) {
      const tag = pairs(tags).map((pair) => new TagResourcesRequestTag(pair))
      await send('TagResources', new TagResourcesRequest({ ...one(kind, id), tag }), plainAnswer)
    },
    async untagResource(kind, id, names) {
      const request = new UntagResourcesRequest({ ...one(kind, id), tagKey: names })
      await send('UntagResources', request, plainAnswer)
    },
  }
}

async function disks(regionId: string, send: Send, filter: object): Promise<SweptResource[]> {
  return await everyPage('DescribeDisks', async (token) => {
    const request = new DescribeDisksRequest({ regionId, maxResults: PAGE_SIZE, ...filter, ...token })
    const answer = await send('DescribeDisks', request, disksAnswer)
    return { items: answer.Disks.Disk.map(disk), next: answer.NextToken }
  })
}

async function interfaces(regionId: string, send: Send, filter: object): Promise<SweptResource[]> {
  return await everyPage('DescribeNetworkInterfaces', async (token) => {
    const query = { regionId, maxResults: PAGE_SIZE, ...filter, ...token }
    const request = new DescribeNetworkInterfacesRequest(query)
    const answer = await send('DescribeNetworkInterfaces', request, interfacesAnswer)
    return {
      items: answer.NetworkInterfaceSets.NetworkInterfaceSet.map(networkInterface),
      next: answer.NextToken,
    }
  })
}

async function deleteFree(regionId: string, send: Send, kind: FreeKind, id: string): Promise<void> {
  if (kind === 'disk') {
    await send('DeleteDisk', new DeleteDiskRequest({ diskId: id }), plainAnswer)
    return
  }
  const request = new DeleteNetworkInterfaceRequest({ regionId, networkInterfaceId: id })
  await send('DeleteNetworkInterface', request, plainAnswer)
}

async function everyPage<T>(
  action: string,
  page: (token: { nextToken?: string }) => Promise<{ items: T[]; next: string | undefined }>,
): Promise<T[]> {
  const found: T[] = []
  let token: { nextToken?: string } = {}
  for (let count = 0; count < MAX_PAGES; count++) {
    const { items, next } = await page(token)
    found.push(...items)
    if (!next) return found
    token = { nextToken: next }
  }
  throw notUnderstood(action)
}

const pairs = (tags: Record<string, string>) => Object.entries(tags).map(([key, value]) => ({ key, value }))
