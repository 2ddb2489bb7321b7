import type { ResourceKind, SweptResource } from '../../domain/sweep/types.ts'

/** Disks and network interfaces that are attached to nothing. */
export type FreeKind = Exclude<ResourceKind, 'instance'>

/** What the sweep asks of the cloud, in one region: see `EcsApi`. */
export interface SweepApi {
  /**
   * Ids of all instances that carry all of the tags, page after page. A filter of DescribeInstances by tag looks at
   * 1,000 of them at most (ECS "ListTagResources").
   */
  taggedInstances(tags: Record<string, string>): Promise<string[]>
  /** All pages of those attached to nothing, whosesoever: a filter by tag would look at 1,000 of them at most. */
  freeResources(kind: FreeKind): Promise<SweptResource[]>
  /** The disk or interface, or undefined when the cloud knows none of that id. */
  freeResource(kind: FreeKind, id: string): Promise<SweptResource | undefined>
  /** Refused by the cloud while it is attached. */
  deleteFree(kind: FreeKind, id: string): Promise<void>
  tagResource(kind: ResourceKind, id: string, tags: Record<string, string>): Promise<void>
  untagResource(kind: ResourceKind, id: string, names: string[]): Promise<void>
}
