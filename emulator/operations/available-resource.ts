import type { Cloud } from '../cloud/cloud.ts'
import { refuse } from '../errors.ts'
import type { Parameters } from '../fields.ts'
import { regionOf } from './common.ts'
import { OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation } from './operation.ts'
import { DISKS } from './regions.ts'

const DESTINATIONS = [
  'Zone',
  'IoOptimized',
  'InstanceType',
  'Network',
  'ddh',
  'SystemDisk',
  'DataDisk',
] as const

export const describeAvailableResource: Operation = {
  summary: 'Shows what each zone sells and whether it has stock',
  fields: {
    ...OWNER_FIELDS,
    RegionId: REGION_FIELD,
    DestinationResource: { type: 'string', values: DESTINATIONS, error: 'Invalid.Param' },
    ZoneId: { type: 'string' },
    InstanceType: { type: 'string' },
    InstanceChargeType: {
      type: 'string',
      values: ['PostPaid', 'PrePaid'],
      error: 'Invalid.InstanceChargeType',
    },
    Cores: { type: 'integer' },
    Memory: { type: 'number', note: 'GiB' },
    ResourceType: { type: 'string', values: ['instance', 'disk', 'reservedinstance', 'ddh'] },
    IoOptimized: { type: 'string', note: 'ignored' },
    NetworkCategory: { type: 'string', note: 'ignored' },
    SystemDiskCategory: { type: 'string', note: 'ignored' },
    DataDiskCategory: { type: 'string', note: 'ignored' },
    SpotStrategy: { type: 'string', note: 'ignored' },
    SpotDuration: { type: 'integer', note: 'ignored' },
    Scope: { type: 'string', note: 'ignored' },
  },
  handle({ cloud, parameters }) {
    const region = regionOf(cloud, parameters)
    const destination = parameters.text('DestinationResource')
    if (destination === undefined) throw refuse('Invalid.Param')
    const zoneId = parameters.text('ZoneId')
    if (zoneId !== undefined && !region.zones.includes(zoneId)) throw refuse('InvalidZoneId.NotFound')
    const zones = region.zones.filter((zone) => (zoneId ?? zone) === zone)
    return {
      AvailableZones: {
        AvailableZone: zones.map((zone) => zoneOf(cloud, parameters, region.regionId, zone, destination)),
      },
    }
  },
}

interface Stocked {
  value: string
  category: StatusCategory
}
type StatusCategory = 'WithStock' | 'ClosedWithStock' | 'WithoutStock'

/** At this many left the cloud calls the stock low. */
const LOW_STOCK = 5

function zoneOf(
  cloud: Cloud,
  parameters: Parameters,
  regionId: string,
  zoneId: string,
  destination: string,
): Record<string, unknown> {
  const types = typesOf(cloud, parameters, zoneId)
  const best = types.some(({ category }) => category === 'WithStock')
    ? 'WithStock'
    : (types.find(({ category }) => category === 'ClosedWithStock')?.category ?? 'WithoutStock')
  const listed = destination === 'InstanceType' ? types : supportedOf(destination, best)
  return {
    RegionId: regionId,
    ZoneId: zoneId,
    ...availability(best),
    AvailableResources: {
      AvailableResource:
        destination === 'Zone'
          ? []
          : [
              {
                Type: destination,
                SupportedResources: {
                  SupportedResource: listed.map(({ value, category }) => ({
                    Value: value,
                    ...availability(category),
                    ...(destination.endsWith('Disk') ? { Min: 20, Max: 2048, Unit: 'GiB' } : {}),
                  })),
                },
              },
            ],
    },
  }
}

function typesOf(cloud: Cloud, parameters: Parameters, zoneId: string): Stocked[] {
  const cores = parameters.number('Cores')
  const memory = parameters.number('Memory')
  const wanted = parameters.text('InstanceType')
  return cloud.places
    .typesIn(zoneId)
    .filter((type) => (wanted ?? type.instanceType) === type.instanceType)
    .filter((type) => (cores ?? type.vcpus) === type.vcpus)
    .filter((type) => memory === undefined || memory * 1024 === type.memoryMiB)
    .map(({ instanceType }) => ({
      value: instanceType,
      category: categoryOf(cloud.capacity.stock(zoneId, instanceType)),
    }))
}

function categoryOf(available: number | undefined): StatusCategory {
  if (available === undefined || available > LOW_STOCK) return 'WithStock'
  return available > 0 ? 'ClosedWithStock' : 'WithoutStock'
}

function availability(category: StatusCategory): Record<string, string> {
  return { Status: category === 'WithoutStock' ? 'SoldOut' : 'Available', StatusCategory: category }
}

function supportedOf(destination: string, category: StatusCategory): Stocked[] {
  const values: Record<string, string[]> = {
    IoOptimized: ['optimized'],
    Network: ['vpc'],
    SystemDisk: DISKS,
    DataDisk: DISKS,
  }
  return (values[destination] ?? []).map((value) => ({ value, category }))
}
