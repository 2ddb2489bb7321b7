import type { Region } from '../cloud/catalogue.ts'
import type { Cloud } from '../cloud/cloud.ts'
import { regionOf } from './common.ts'
import { OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation } from './operation.ts'

const LANGUAGE = {
  type: 'string',
  values: ['zh-CN', 'en-US', 'ja'],
  error: 'InvalidAcceptLanguage.NotFound',
  note: 'names are English whatever is asked',
} as const
const CHARGE_TYPE = {
  type: 'string',
  values: ['PostPaid', 'PrePaid'],
  error: 'InvalidInstanceChargeType.NotFound',
  note: 'checked, without effect',
} as const
export const DISKS = ['cloud_essd', 'cloud_auto', 'cloud_essd_entry', 'cloud_ssd', 'cloud_efficiency']

export const describeRegions: Operation = {
  summary: 'Lists the regions',
  fields: {
    ...OWNER_FIELDS,
    RegionId: { type: 'string', note: 'ignored' },
    AcceptLanguage: LANGUAGE,
    InstanceChargeType: CHARGE_TYPE,
    ResourceType: { type: 'string', note: 'ignored' },
  },
  handle: ({ cloud }) => ({
    Regions: {
      Region: cloud.places.catalogue().regions.map(({ regionId, localName }) => ({
        RegionId: regionId,
        LocalName: localName,
        RegionEndpoint: `ecs.${regionId}.aliyuncs.com`,
        Status: 'available',
      })),
    },
  }),
}

export const describeZones: Operation = {
  summary: 'Lists the zones of a region with what they sell',
  fields: {
    ...OWNER_FIELDS,
    RegionId: REGION_FIELD,
    AcceptLanguage: LANGUAGE,
    InstanceChargeType: CHARGE_TYPE,
    SpotStrategy: {
      type: 'string',
      values: ['NoSpot', 'SpotWithPriceLimit', 'SpotAsPriceGo'],
      error: 'InvalidSpotStrategy',
    },
    Verbose: { type: 'boolean', note: 'ignored: always verbose' },
  },
  handle({ cloud, parameters }) {
    const region = regionOf(cloud, parameters)
    return { Zones: { Zone: region.zones.map((zoneId) => zoneView(cloud, region, zoneId)) } }
  },
}

function zoneView(cloud: Cloud, region: Region, zoneId: string): Record<string, unknown> {
  const types = cloud.places.typesIn(zoneId).map(({ instanceType }) => instanceType)
  const families = [...new Set(types.map((type) => type.split('.').slice(0, 2).join('.')))]
  return {
    ZoneId: zoneId,
    LocalName: `${region.localName} Zone ${zoneId.slice(-1).toUpperCase()}`,
    ZoneType: 'AvailabilityZone',
    AvailableResourceCreation: { ResourceTypes: ['VSwitch', 'IoOptimized', 'Instance', 'Disk'] },
    AvailableDiskCategories: { DiskCategories: DISKS },
    AvailableVolumeCategories: { VolumeCategories: [] },
    AvailableInstanceTypes: { InstanceTypes: types },
    AvailableDedicatedHostTypes: { DedicatedHostType: [] },
    DedicatedHostGenerations: { DedicatedHostGeneration: [] },
    AvailableResources: {
      ResourcesInfo: [
        {
          IoOptimized: true,
          NetworkTypes: { supportedNetworkCategory: ['vpc'] },
          InstanceTypes: { supportedInstanceType: types },
          InstanceTypeFamilies: { supportedInstanceTypeFamily: families },
          InstanceGenerations: { supportedInstanceGeneration: [] },
          SystemDiskCategories: { supportedSystemDiskCategory: DISKS },
          DataDiskCategories: { supportedDataDiskCategory: DISKS },
        },
      ],
    },
  }
}
