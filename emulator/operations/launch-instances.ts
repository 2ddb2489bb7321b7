import { formatAddress, parseAddress } from '../cloud/addresses.ts'
import type { Cloud } from '../cloud/cloud.ts'
import type { Instance } from '../cloud/instance.ts'
import { launch } from '../cloud/launch.ts'
import { refuse } from '../errors.ts'
import type { Parameters } from '../fields.ts'
import type { LaunchPlan } from './launch-plan.ts'
import { nameAt } from './names.ts'

/** Makes the instances of a plan; all of them or, with MinAmount, as many as stock and quota allow. */
export function launchInstances(
  cloud: Cloud,
  plan: LaunchPlan,
  parameters: Parameters,
  options: { powerWanted: boolean },
): Instance[] {
  const place = { regionId: plan.region.regionId, zoneId: plan.zoneId, instanceType: plan.type.instanceType }
  const granted = cloud.capacity.grant(place, plan.amount, plan.atLeast)
  checkSecurityGroups(cloud, plan, granted)
  const addresses = takeAddresses(cloud, plan, parameters, granted)
  return addresses.map((privateIp, index) => {
    const instanceId = freshId(cloud, plan.region.idPrefix)
    const names = namesAt(plan, parameters, instanceId, index)
    return launch(cloud, {
      ...place,
      ...names,
      ...options,
      ...billingOf(parameters),
      instanceId,
      privateIp,
      imageId: plan.image.imageId,
      vpcId: plan.vSwitch.vpcId,
      vSwitchId: plan.vSwitch.vSwitchId,
      securityGroupIds: [...plan.securityGroupIds],
      networkInterfaceId: cloud.ids.networkInterface(plan.region.idPrefix),
      mac: cloud.ids.mac(),
      publicIp: publicIpOf(cloud, parameters),
      serialNumber: cloud.ids.serialNumber(),
      description: parameters.text('Description', ''),
      autoReleaseAtMs: plan.autoReleaseAtMs,
      deletionProtection: parameters.flag('DeletionProtection'),
      keyPairName: plan.image.os === 'windows' ? '' : parameters.text('KeyPairName', ''),
      ramRoleName: parameters.text('RamRoleName', ''),
      resourceGroupId: parameters.text('ResourceGroupId', ''),
      userData: plan.userData,
      metadata: {
        httpEndpoint: parameters.text('HttpEndpoint') === 'disabled' ? 'disabled' : 'enabled',
        httpTokens: parameters.text('HttpTokens') === 'required' ? 'required' : 'optional',
      },
      tags: { ...plan.tags },
      ...disksWanted(parameters, plan),
    })
  })
}

function billingOf(parameters: Parameters): Pick<Instance, 'chargeType' | 'spot' | 'internet'> {
  const bandwidthOut = parameters.number('InternetMaxBandwidthOut', 0)
  return {
    chargeType: parameters.text('InstanceChargeType') === 'PrePaid' ? 'PrePaid' : 'PostPaid',
    spot: {
      strategy: parameters.text('SpotStrategy', 'NoSpot'),
      priceLimit: parameters.number('SpotPriceLimit', 0),
      duration: parameters.number('SpotDuration', 1),
      interruption: parameters.text('SpotInterruptionBehavior') === 'Stop' ? 'Stop' : 'Terminate',
    },
    internet: {
      chargeType: parameters.text('InternetChargeType', 'PayByTraffic'),
      bandwidthOut,
      bandwidthIn: parameters.number(
        'InternetMaxBandwidthIn',
        bandwidthOut > 0 ? Math.max(bandwidthOut, 10) : -1,
      ),
    },
  }
}

const DEFAULT_CATEGORY = 'cloud_essd'
/** What the cloud makes at least of a system disk. */
const MIN_SYSTEM_GIB = 40

function disksWanted(
  parameters: Parameters,
  { image }: LaunchPlan,
): Pick<Instance, 'systemDisk' | 'dataDisks'> {
  const dataDisks = parameters.objects('DataDisk').map((disk) => ({
    category: disk['Category'] ?? DEFAULT_CATEGORY,
    sizeGiB: Number(disk['Size'] ?? MIN_SYSTEM_GIB),
    deleteWithInstance: disk['DeleteWithInstance']?.toLowerCase() !== 'false',
  }))
  return {
    systemDisk: {
      category: parameters.text('SystemDisk.Category', DEFAULT_CATEGORY),
      sizeGiB: parameters.number('SystemDisk.Size', Math.max(MIN_SYSTEM_GIB, image.sizeGiB)),
    },
    ...(dataDisks.length > 0 && { dataDisks }),
  }
}

function namesAt(
  plan: LaunchPlan,
  parameters: Parameters,
  instanceId: string,
  index: number,
): { name: string; hostName: string } {
  const at = { index, amount: plan.amount, uniqueSuffix: parameters.flag('UniqueSuffix') }
  const own = parameters.list('HostNames')[index]
  const host = own ?? nameAt({ ...at, pattern: parameters.text('HostName') })
  return {
    name: nameAt({ ...at, pattern: parameters.text('InstanceName') }) ?? instanceId,
    hostName: host?.replace('${instance_id}', instanceId) ?? `iZ${instanceId.slice(2)}Z`,
  }
}

function freshId(cloud: Cloud, prefix: string): string {
  for (;;) {
    const id = cloud.ids.instance(prefix)
    if (cloud.instances.get(id) === undefined) return id
  }
}

function checkSecurityGroups(cloud: Cloud, plan: LaunchPlan, amount: number): void {
  for (const id of plan.securityGroupIds) {
    const limit = cloud.places.securityGroup(id)?.maxInstances ?? Number.POSITIVE_INFINITY
    if (cloud.instances.size + amount <= limit) continue
    const members = cloud.instances.newestFirst().filter((one) => one.securityGroupIds.includes(id)).length
    if (members + amount > limit) throw refuse('SecurityGroupInstanceLimitExceed')
  }
}

function takeAddresses(cloud: Cloud, plan: LaunchPlan, parameters: Parameters, amount: number): string[] {
  const pool = cloud.places.pool(plan.vSwitch.vSwitchId)!
  const wanted = parameters.text('PrivateIpAddress')
  if (wanted !== undefined) return claimAddresses(pool, wanted, amount)
  if (pool.free() < amount) throw refuse('QuotaExceeded.PrivateIpAddress')
  return Array.from({ length: amount }, () => pool.take()!)
}

/** The wanted address and the ones after it, all or none. */
function claimAddresses(
  pool: NonNullable<ReturnType<Cloud['places']['pool']>>,
  wanted: string,
  amount: number,
): string[] {
  const first = parseAddress(wanted)
  if (first === undefined) throw refuse('InvalidPrivateIpAddress.Malformed')
  const addresses = Array.from({ length: amount }, (_, index) => formatAddress(first + index))
  if (!addresses.every((address) => pool.contains(address))) throw refuse('InvalidPrivateIpAddress')
  const claimed: string[] = []
  for (const address of addresses) {
    if (pool.claim(address)) claimed.push(address)
    else {
      claimed.forEach((taken) => pool.giveBack(taken))
      throw refuse('InvalidIPAddress.AlreadyUsed')
    }
  }
  return claimed
}

/** Bandwidth out means a public address. These are from a block reserved for documentation: nothing answers there. */
function publicIpOf(cloud: Cloud, parameters: Parameters): string | undefined {
  if (parameters.number('InternetMaxBandwidthOut', 0) === 0) return undefined
  return `198.51.100.${1 + cloud.random.integer(254)}`
}
