import { z } from 'zod'
import type { CloudInstance } from './api.ts'
import { created } from './sweep-answers.ts'

/**
 * Answers of the cloud that decide launches and deletes, as they travel. An answer without its list is no answer: it must
 * never be read as "there is no such instance".
 */
const texts = <K extends string>(name: K) =>
  z.object({ [name]: z.array(z.string()) } as Record<K, z.ZodArray<z.ZodString>>)

const instanceSchema = z.object({
  InstanceId: z.string().min(1),
  Status: z.string().min(1),
  CreationTime: z.string().optional(),
  VpcAttributes: z.object({ PrivateIpAddress: texts('IpAddress').optional() }).optional(),
  NetworkInterfaces: z
    .object({
      NetworkInterface: z.array(
        z.object({
          Type: z.string().optional(),
          MacAddress: z.string().optional(),
          PrimaryIpAddress: z.string().optional(),
        }),
      ),
    })
    .optional(),
  Tags: z.object({ Tag: z.array(z.object({ TagKey: z.string(), TagValue: z.string() })) }).optional(),
  OperationLocks: z.object({ LockReason: z.array(z.object({ LockReason: z.string() })) }).optional(),
})

export const describeAnswer = z.object({
  RequestId: z.string().optional(),
  NextToken: z.string().optional(),
  Instances: z.object({ Instance: z.array(instanceSchema) }),
})

export const runAnswer = z.object({
  RequestId: z.string(),
  InstanceIdSets: z.object({ InstanceIdSet: z.tuple([z.string().min(1)]) }),
})

export const plainAnswer = z.object({ RequestId: z.string() })
export const consoleAnswer = z.object({ ConsoleOutput: z.string() })
export const screenshotAnswer = z.object({ Screenshot: z.string() })
export const eventsAnswer = z.object({
  InstanceSystemEventSet: z.object({ InstanceSystemEventType: z.array(z.unknown()) }),
})

export function cloudInstance(raw: z.infer<typeof instanceSchema>): CloudInstance {
  return {
    instanceId: raw.InstanceId,
    status: raw.Status,
    ...created(raw.CreationTime),
    ...address(raw),
    tags: Object.fromEntries((raw.Tags?.Tag ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue])),
    locks: (raw.OperationLocks?.LockReason ?? []).map(({ LockReason }) => LockReason),
  }
}

/** Both come with the network interface, a while after the instance; empty texts count as not there yet. */
function address(raw: z.infer<typeof instanceSchema>): Pick<CloudInstance, 'privateIp' | 'mac'> {
  const interfaces = raw.NetworkInterfaces?.NetworkInterface ?? []
  const primary = interfaces.find(({ Type }) => Type === 'Primary') ?? interfaces[0]
  const privateIp = raw.VpcAttributes?.PrivateIpAddress?.IpAddress[0] ?? primary?.PrimaryIpAddress
  const mac = primary?.MacAddress?.toLowerCase()
  return { ...(privateIp ? { privateIp } : {}), ...(mac ? { mac } : {}) }
}
