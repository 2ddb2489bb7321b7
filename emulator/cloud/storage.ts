import { createRandom } from '../random.ts'
import type { Instance } from './instance.ts'

/** A disk as the cloud knows it; one that is attached follows from its instance. */
export interface Disk {
  kind: 'disk'
  id: string
  /** Falls through listings, newest first. */
  rank: number
  regionId: string
  zoneId: string
  imageId: string
  type: 'system' | 'data'
  category: string
  sizeGiB: number
  deleteWithInstance: boolean
  status: 'In_use' | 'Available'
  /** Empty when attached to nothing. */
  instanceId: string
  device: string
  createdAtMs: number
  detachedAtMs: number | undefined
  resourceGroupId: string
  tags: Record<string, string>
}

/** A network interface as the cloud knows it; the primary one of an instance follows from it. */
export interface Interface {
  kind: 'interface'
  id: string
  rank: number
  regionId: string
  zoneId: string
  vpcId: string
  vSwitchId: string
  securityGroupIds: string[]
  type: 'Primary' | 'Secondary'
  status: 'InUse' | 'Available'
  /** Empty when attached to nothing. */
  instanceId: string
  mac: string
  privateIp: string
  createdAtMs: number
  resourceGroupId: string
  tags: Record<string, string>
}

/** What is left of an instance that is gone. Plain JSON: it is written to the state file as it is. */
export type Leftover = Disk | Interface

const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz'
/** An instance has at most 17 disks. */
const RANKS = 20

/** System disk first. */
export function disksOf(instance: Instance): Disk[] {
  const { systemDisk = { category: 'cloud_essd', sizeGiB: 40 }, dataDisks = [] } = instance
  const all = [{ ...systemDisk, deleteWithInstance: true }, ...dataDisks]
  return all.map((disk, index) => ({
    kind: 'disk',
    id: diskId(instance.instanceId, index),
    rank: instance.order * RANKS - index,
    regionId: instance.regionId,
    zoneId: instance.zoneId,
    imageId: index === 0 ? instance.imageId : '',
    type: index === 0 ? 'system' : 'data',
    ...disk,
    status: 'In_use',
    instanceId: instance.instanceId,
    device: `/dev/xvd${String.fromCodePoint('a'.codePointAt(0)! + index)}`,
    createdAtMs: instance.createdAtMs,
    detachedAtMs: undefined,
    resourceGroupId: instance.resourceGroupId,
    tags: instance.tags,
  }))
}

/** Follows from the instance, so that it need not be kept. */
function diskId(instanceId: string, index: number): string {
  const region = instanceId.slice('i-'.length, -17)
  return `d-${region}${createRandom(`${instanceId} disk ${index}`).text(17, BASE36)}`
}

export function interfaceOf(instance: Instance): Interface {
  return {
    kind: 'interface',
    id: instance.networkInterfaceId,
    rank: instance.order * RANKS,
    regionId: instance.regionId,
    zoneId: instance.zoneId,
    vpcId: instance.vpcId,
    vSwitchId: instance.vSwitchId,
    securityGroupIds: instance.securityGroupIds,
    type: 'Primary',
    status: 'InUse',
    instanceId: instance.instanceId,
    mac: instance.mac,
    privateIp: instance.privateIp,
    createdAtMs: instance.createdAtMs,
    resourceGroupId: instance.resourceGroupId,
    tags: instance.tags,
  }
}

/**
 * What stays when the instance goes: data disks that are not to go with it, and what a fault leaves behind. Disks become
 * data disks, interfaces secondary ones: only those exist on their own.
 */
export function leftBy(instance: Instance, nowMs: number): Leftover[] {
  const { leaves = [] } = instance
  const disks = disksOf(instance).filter(
    ({ type, deleteWithInstance }) => !deleteWithInstance || (type === 'system' && leaves.includes('disk')),
  )
  const free = { status: 'Available', instanceId: '', tags: { ...instance.tags } } as const
  return [
    ...disks.map((disk): Disk => ({ ...disk, ...free, type: 'data', device: '', detachedAtMs: nowMs })),
    ...(leaves.includes('interface')
      ? [{ ...interfaceOf(instance), ...free, type: 'Secondary' } satisfies Interface]
      : []),
  ]
}
