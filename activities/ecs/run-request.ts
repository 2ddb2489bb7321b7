import {
  RunInstancesRequest,
  RunInstancesRequestSystemDisk,
  RunInstancesRequestTag,
} from '@alicloud/ecs20140526/dist/models/RunInstancesRequest.js'
import type { RunInstance } from './api.ts'

/** The request as the SDK wants it: one pay-as-you-go instance. */
export function runInstancesRequest(regionId: string, request: RunInstance): RunInstancesRequest {
  return new RunInstancesRequest({
    regionId,
    amount: 1,
    clientToken: request.clientToken,
    imageId: request.imageId,
    instanceType: request.instanceType,
    zoneId: request.zoneId,
    vSwitchId: request.vSwitchId,
    securityGroupIds: request.securityGroupIds,
    instanceName: request.instanceName,
    hostName: request.hostName,
    userData: Buffer.from(request.userData).toString('base64'),
    autoReleaseTime: request.autoReleaseTime,
    instanceChargeType: 'PostPaid',
    tag: Object.entries(request.tags).map(([key, value]) => new RunInstancesRequestTag({ key, value })),
    ...bandwidth(request),
    ...systemDisk(request),
    ...(request.ramRoleName ? { ramRoleName: request.ramRoleName } : {}),
    ...(request.keyPairName ? { keyPairName: request.keyPairName } : {}),
    ...spot(request),
    ...(request.dryRun ? { dryRun: true } : {}),
  })
}

/** Above zero the cloud assigns a public address. */
function bandwidth({ internetMaxBandwidthOutMbps }: RunInstance): Record<string, unknown> {
  if (internetMaxBandwidthOutMbps === 0) return {}
  return { internetMaxBandwidthOut: internetMaxBandwidthOutMbps, internetChargeType: 'PayByTraffic' }
}

function systemDisk({ systemDisk: disk }: RunInstance): Record<string, unknown> {
  if (!disk) return {}
  const performanceLevel = disk.performanceLevel ? { performanceLevel: disk.performanceLevel } : {}
  const size = String(disk.sizeGiB)
  return {
    systemDisk: new RunInstancesRequestSystemDisk({ category: disk.category, size, ...performanceLevel }),
  }
}

/** Without a limit the price may go up to the on-demand price. */
function spot({ spot: wanted }: RunInstance): Record<string, unknown> {
  if (!wanted) return {}
  return wanted.priceLimit === undefined
    ? { spotStrategy: 'SpotAsPriceGo' }
    : { spotStrategy: 'SpotWithPriceLimit', spotPriceLimit: wanted.priceLimit }
}
