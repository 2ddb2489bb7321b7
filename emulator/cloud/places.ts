import type { Random } from '../random.ts'
import { createAddressPool } from './addresses.ts'
import type { AddressPool } from './addresses.ts'
import { mergeCatalogue } from './catalogue.ts'
import type {
  Catalogue,
  CataloguePart,
  Image,
  InstanceType,
  Region,
  SecurityGroup,
  Vpc,
  VSwitch,
} from './catalogue.ts'

/** The catalogue, looked up by id. */
export interface Places {
  region(regionId: string): Region | undefined
  zoneRegion(zoneId: string): Region | undefined
  instanceType(instanceType: string): InstanceType | undefined
  image(regionId: string, imageId: string): Image | undefined
  images(regionId: string): Image[]
  vpc(vpcId: string): Vpc | undefined
  vSwitch(vSwitchId: string): VSwitch | undefined
  securityGroup(securityGroupId: string): SecurityGroup | undefined
  /** Private addresses of a vSwitch. */
  pool(vSwitchId: string): AddressPool | undefined
  /** Types sold in a zone. */
  typesIn(zoneId: string): InstanceType[]
  catalogue(): Catalogue
  /** Adds and replaces entries. A vSwitch whose block changes starts with all its addresses free. */
  merge(more: CataloguePart): void
}

export function createPlaces(initial: Catalogue, random: Random): Places {
  let catalogue = initial
  let index = indexOf(catalogue)
  const pools = new Map<string, { cidr: string; pool: AddressPool }>()

  function fillPools(): void {
    for (const { vSwitchId, cidr } of catalogue.vSwitches) {
      if (pools.get(vSwitchId)?.cidr !== cidr)
        pools.set(vSwitchId, { cidr, pool: createAddressPool(cidr, random) })
    }
  }
  fillPools()
  return {
    region: (regionId) => index.regions.get(regionId),
    zoneRegion: (zoneId) => catalogue.regions.find(({ zones }) => zones.includes(zoneId)),
    instanceType: (instanceType) => index.types.get(instanceType),
    image(regionId, imageId) {
      const image = index.images.get(imageId)
      return (image?.regionId ?? regionId) === regionId ? image : undefined
    },
    images: (regionId) => catalogue.images.filter((image) => (image.regionId ?? regionId) === regionId),
    vpc: (vpcId) => index.vpcs.get(vpcId),
    vSwitch: (vSwitchId) => index.vSwitches.get(vSwitchId),
    securityGroup: (securityGroupId) => index.groups.get(securityGroupId),
    pool: (vSwitchId) => pools.get(vSwitchId)?.pool,
    typesIn: (zoneId) => catalogue.instanceTypes.filter(({ notInZones }) => !notInZones?.includes(zoneId)),
    catalogue: () => catalogue,
    merge(more) {
      catalogue = mergeCatalogue(catalogue, more)
      index = indexOf(catalogue)
      fillPools()
    },
  }
}

function indexOf(from: Catalogue) {
  return {
    regions: new Map(from.regions.map((entry) => [entry.regionId, entry])),
    types: new Map(from.instanceTypes.map((entry) => [entry.instanceType, entry])),
    images: new Map(from.images.map((entry) => [entry.imageId, entry])),
    vpcs: new Map(from.vpcs.map((entry) => [entry.vpcId, entry])),
    vSwitches: new Map(from.vSwitches.map((entry) => [entry.vSwitchId, entry])),
    groups: new Map(from.securityGroups.map((entry) => [entry.securityGroupId, entry])),
  }
}
