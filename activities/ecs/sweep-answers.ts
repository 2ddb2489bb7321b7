import { z } from 'zod'
import type { SweptResource } from '../../domain/sweep/types.ts'

/** Answers of the cloud that decide what the sweep deletes. A list that is missing is no empty list. */
const tags = z.object({ Tag: z.array(z.object({ TagKey: z.string(), TagValue: z.string() })) }).optional()

export const taggedAnswer = z.object({
  RequestId: z.string().optional(),
  NextToken: z.string().optional(),
  TagResources: z.object({ TagResource: z.array(z.object({ ResourceId: z.string().min(1) })) }),
})

const diskSchema = z.object({
  DiskId: z.string().min(1),
  Status: z.string().min(1),
  CreationTime: z.string().optional(),
  DetachedTime: z.string().optional(),
  Tags: tags,
})

export const disksAnswer = z.object({
  RequestId: z.string().optional(),
  NextToken: z.string().optional(),
  Disks: z.object({ Disk: z.array(diskSchema) }),
})

const interfaceSchema = z.object({
  NetworkInterfaceId: z.string().min(1),
  Status: z.string().min(1),
  CreationTime: z.string().optional(),
  Tags: tags,
})

export const interfacesAnswer = z.object({
  RequestId: z.string().optional(),
  NextToken: z.string().optional(),
  NetworkInterfaceSets: z.object({ NetworkInterfaceSet: z.array(interfaceSchema) }),
})

/** A disk is as young as its last detachment: its instance may have been deleted just now. */
export const disk = (raw: z.infer<typeof diskSchema>): SweptResource => ({
  kind: 'disk',
  id: raw.DiskId,
  status: raw.Status,
  ...created(raw.DetachedTime || raw.CreationTime),
  tags: tagsOf(raw),
})

export const networkInterface = (raw: z.infer<typeof interfaceSchema>): SweptResource => ({
  kind: 'interface',
  id: raw.NetworkInterfaceId,
  status: raw.Status,
  ...created(raw.CreationTime),
  tags: tagsOf(raw),
})

/** `2017-12-10T04:04Z`: instances to the minute, others to the second; what is no time is absent. */
export function created(text: string | undefined): { createdAt?: number } {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? {} : { createdAt: at }
}

const tagsOf = ({ Tags }: { Tags?: z.infer<typeof tags> }): Record<string, string> =>
  Object.fromEntries((Tags?.Tag ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue]))
