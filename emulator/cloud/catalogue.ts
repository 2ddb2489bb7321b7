import type { ClockPolicy } from '../clock.ts'

/** What exists in the emulated cloud besides instances: all of it can be added to or replaced by the admin plane. */
export interface Catalogue {
  regions: Region[]
  instanceTypes: InstanceType[]
  images: Image[]
  vpcs: Vpc[]
  vSwitches: VSwitch[]
  securityGroups: SecurityGroup[]
}

export interface Region {
  regionId: string
  localName: string
  /** Second part of every id made in the region, such as `bp1` in cn-hangzhou. */
  idPrefix: string
  zones: string[]
}

export interface InstanceType {
  instanceType: string
  vcpus: number
  memoryMiB: number
  gpus?: number | undefined
  gpuSpec?: string | undefined
  /** Yuan an hour; a spot bid below a tenth of it is refused. */
  price: number
  /** Zones that do not sell it at all. */
  notInZones?: string[] | undefined
}

export interface Image {
  imageId: string
  name: string
  family?: string | undefined
  description?: string | undefined
  os: 'linux' | 'windows'
  osName: string
  platform: string
  architecture: 'x86_64' | 'arm64'
  sizeGiB: number
  owner: 'system' | 'self'
  status: 'Available' | 'UnAvailable' | 'Creating' | 'Waiting' | 'CreateFailed' | 'Deprecated'
  supportsCloudInit: boolean
  /** True when the image has a password of its own (PasswordInherit). */
  hasPassword: boolean
  createdAt: string
  tags: Record<string, string>
  /** Region of a custom image; public ones are everywhere. */
  regionId?: string | undefined
  /** Boot delay and other times of instances made from this image. */
  clock?: Partial<ClockPolicy> | undefined
}

export interface Vpc {
  vpcId: string
  regionId: string
  name: string
  cidr: string
  isDefault: boolean
  createdAt: string
}

export interface VSwitch {
  vSwitchId: string
  vpcId: string
  regionId: string
  zoneId: string
  name: string
  /** Inside 127.0.0.0/8: an instance's private address is bound on this machine. */
  cidr: string
  isDefault: boolean
  createdAt: string
}

export interface SecurityGroup {
  securityGroupId: string
  vpcId: string
  regionId: string
  name: string
  type: 'normal' | 'enterprise'
  createdAt: string
  /** The cloud's limit is 2,000 instances for a normal group and 65,536 addresses for an enterprise group. */
  maxInstances: number
}

/** Some of a catalogue: what is to be added or replaced. */
export type CataloguePart = { [Kind in keyof Catalogue]?: Catalogue[Kind] | undefined }

/** Replaces entries of the same id and appends the others. */
export function mergeCatalogue(base: Catalogue, more: CataloguePart): Catalogue {
  return {
    regions: merge(base.regions, more.regions, (entry) => entry.regionId),
    instanceTypes: merge(base.instanceTypes, more.instanceTypes, (entry) => entry.instanceType),
    images: merge(base.images, more.images, (entry) => entry.imageId),
    vpcs: merge(base.vpcs, more.vpcs, (entry) => entry.vpcId),
    vSwitches: merge(base.vSwitches, more.vSwitches, (entry) => entry.vSwitchId),
    securityGroups: merge(base.securityGroups, more.securityGroups, (entry) => entry.securityGroupId),
  }
}

function merge<T>(base: T[], more: T[] | undefined, key: (entry: T) => string): T[] {
  const all = new Map(base.map((entry) => [key(entry), entry]))
  for (const entry of more ?? []) all.set(key(entry), entry)
  return [...all.values()]
}
