import type { Cloud } from '../cloud/cloud.ts'
import type { Instance } from '../cloud/instance.ts'
import { minuteTime } from './common.ts'

/** The cloud's far end of time for instances that never expire. */
const NEVER = '2099-12-31T15:59Z'

/**
 * One instance as DescribeInstances shows it. Empty objects are present, not absent: typed clients break on missing
 * ones; and EipAddress comes before PublicIpAddress: one client recurses for ever otherwise.
 */
export function instanceView(cloud: Cloud, instance: Instance): Record<string, unknown> {
  return {
    InstanceId: instance.instanceId,
    InstanceName: instance.name,
    HostName: instance.hostName,
    Description: instance.description,
    Status: instance.status,
    StoppedMode: instance.stoppedMode,
    RegionId: instance.regionId,
    ZoneId: instance.zoneId,
    ClusterId: '',
    ImageId: instance.imageId,
    InstanceType: instance.instanceType,
    InstanceTypeFamily: instance.instanceType.split('.').slice(0, 2).join('.'),
    ...hardware(cloud, instance),
    ...system(cloud, instance),
    SerialNumber: instance.serialNumber,
    ...times(instance),
    ...billing(instance),
    DeletionProtection: instance.deletionProtection,
    DeviceAvailable: true,
    IoOptimized: true,
    Recyclable: false,
    SaleCycle: '',
    CreditSpecification: '',
    KeyPairName: instance.keyPairName,
    ResourceGroupId: instance.resourceGroupId,
    DeploymentSetId: '',
    HpcClusterId: '',
    VlanId: '',
    LocalStorageAmount: 0,
    ...network(instance),
    SecurityGroupIds: { SecurityGroupId: instance.securityGroupIds },
    Tags: { Tag: Object.entries(instance.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })) },
    MetadataOptions: {
      HttpEndpoint: instance.metadata.httpEndpoint,
      HttpTokens: instance.metadata.httpTokens,
      HttpPutResponseHopLimit: 0,
    },
    OperationLocks: { LockReason: instance.locks.map((lock) => ({ LockReason: lock, LockMsg: '' })) },
    ...UNUSED,
  }
}

function hardware(cloud: Cloud, instance: Instance): Record<string, unknown> {
  const type = cloud.places.instanceType(instance.instanceType)
  return {
    Cpu: type?.vcpus ?? 0,
    CPU: type?.vcpus ?? 0,
    Memory: type?.memoryMiB ?? 0,
    GPUAmount: type?.gpus ?? 0,
    GPUSpec: type?.gpuSpec ?? '',
  }
}

function system(cloud: Cloud, instance: Instance): Record<string, unknown> {
  const image = cloud.places.image(instance.regionId, instance.imageId)
  return { OSType: image?.os ?? 'linux', OSName: image?.osName ?? '', OSNameEn: image?.osName ?? '' }
}

function times(instance: Instance): Record<string, unknown> {
  return {
    CreationTime: minuteTime(instance.createdAtMs),
    StartTime: instance.startedAtMs === undefined ? '' : minuteTime(instance.startedAtMs),
    ExpiredTime: NEVER,
    AutoReleaseTime: instance.autoReleaseAtMs === undefined ? '' : minuteTime(instance.autoReleaseAtMs),
  }
}

function billing(instance: Instance): Record<string, unknown> {
  return {
    InstanceChargeType: instance.chargeType,
    SpotStrategy: instance.spot.strategy,
    SpotPriceLimit: instance.spot.priceLimit,
    SpotDuration: instance.spot.duration,
    SpotInterruptionBehavior: instance.spot.interruption,
    InternetChargeType: instance.internet.chargeType,
    InternetMaxBandwidthOut: instance.internet.bandwidthOut,
    InternetMaxBandwidthIn: instance.internet.bandwidthIn,
  }
}

function network(instance: Instance): Record<string, unknown> {
  const privateIps = instance.visible.ip ? [instance.privateIp] : []
  return {
    InstanceNetworkType: 'vpc',
    VpcAttributes: {
      VpcId: instance.vpcId,
      VSwitchId: instance.vSwitchId,
      NatIpAddress: '',
      PrivateIpAddress: { IpAddress: privateIps },
    },
    EipAddress: { AllocationId: '', IpAddress: '', InternetChargeType: '' },
    PublicIpAddress: { IpAddress: instance.publicIp === undefined ? [] : [instance.publicIp] },
    InnerIpAddress: { IpAddress: [] },
    RdmaIpAddress: { IpAddress: [] },
    NetworkInterfaces: {
      NetworkInterface: [
        {
          NetworkInterfaceId: instance.networkInterfaceId,
          MacAddress: instance.mac,
          Type: 'Primary',
          PrimaryIpAddress: privateIps[0] ?? '',
          PrivateIpSets: {
            PrivateIpSet: privateIps.map((address) => ({ PrivateIpAddress: address, Primary: true })),
          },
        },
      ],
    },
  }
}

const UNUSED = {
  DedicatedHostAttribute: { DedicatedHostId: '', DedicatedHostName: '', DedicatedHostClusterId: '' },
  DedicatedInstanceAttribute: { Tenancy: '', Affinity: '' },
  EcsCapacityReservationAttr: { CapacityReservationId: '', CapacityReservationPreference: '' },
  CpuOptions: {},
  HibernationOptions: { Configured: false },
  ImageOptions: {},
}
