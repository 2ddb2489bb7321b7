import type { Cloud } from '../cloud/cloud.ts'
import type { Image, InstanceType, Region, VSwitch } from '../cloud/catalogue.ts'
import { refuse } from '../errors.ts'
import type { Parameters } from '../fields.ts'
import { regionOf } from './common.ts'
import { checkHostName, checkInstanceName, checkPassword, nameAt } from './names.ts'
import { readReleaseTime } from './release-time.ts'
import { readTags } from './tag-rules.ts'
import { checkUserData } from './user-data.ts'

/** A launch request that passed every check which needs no capacity. */
export interface LaunchPlan {
  region: Region
  zoneId: string
  image: Image
  type: InstanceType
  vSwitch: VSwitch
  securityGroupIds: string[]
  amount: number
  /** Fewest instances that make the call a success. */
  atLeast: number
  tags: Record<string, string>
  userData: string
  autoReleaseAtMs: number | undefined
}

/** Checks a launch in the cloud's order: where, what, network, then the details. */
export function planLaunch(cloud: Cloud, parameters: Parameters): LaunchPlan {
  const region = regionOf(cloud, parameters)
  const { vSwitch, zoneId } = networkOf(cloud, parameters, region)
  const image = imageOf(cloud, parameters, region)
  const type = typeOf(cloud, parameters, zoneId)
  const securityGroupIds = securityGroupsOf(cloud, parameters, vSwitch)
  const amount = parameters.number('Amount', 1)
  const atLeast = parameters.number('MinAmount', amount)
  if (atLeast > amount) throw refuse('InvalidMinAmount.Malformed')
  checkMoney(parameters, type)
  checkDisk(parameters, image)
  checkNames(parameters, image, amount)
  checkTexts(parameters, image)
  const userData = checkUserData(parameters.text('UserData'))
  if (userData !== '' && !image.supportsCloudInit) throw refuse('ImageNotSupportCloudInit')
  return {
    region,
    zoneId,
    image,
    type,
    vSwitch,
    securityGroupIds,
    amount,
    atLeast,
    tags: readTags(parameters.objects('Tag')),
    userData,
    autoReleaseAtMs: releaseTimeOf(cloud, parameters),
  }
}

function networkOf(
  cloud: Cloud,
  parameters: Parameters,
  region: Region,
): { vSwitch: VSwitch; zoneId: string } {
  const zone = parameters.text('ZoneId')
  if (zone !== undefined && !region.zones.includes(zone)) throw refuse('InvalidZoneId.NotFound')
  const vSwitchId = parameters.text('VSwitchId')
  if (vSwitchId === undefined) throw refuse('MissingParameter', 'VSwitchId')
  const vSwitch = cloud.places.vSwitch(vSwitchId)
  if (vSwitch === undefined || vSwitch.regionId !== region.regionId) throw refuse('InvalidVSwitchId.NotFound')
  if (zone !== undefined && zone !== vSwitch.zoneId) {
    throw refuse('InvalidParameter.Mismatch', 'Specified virtual switch is not in the specified zone.')
  }
  return { vSwitch, zoneId: vSwitch.zoneId }
}

function imageOf(cloud: Cloud, parameters: Parameters, region: Region): Image {
  const imageId = parameters.text('ImageId')
  const family = parameters.text('ImageFamily')
  if (imageId !== undefined && family !== undefined) {
    throw refuse('InvalidParameter.Conflict', 'ImageId and ImageFamily cannot be specified at the same time.')
  }
  if (family !== undefined) return newestOfFamily(cloud, region, family)
  if (imageId === undefined) throw refuse('MissingParameter', 'ImageId')
  const image = cloud.places.image(region.regionId, imageId)
  if (image === undefined) throw refuse('InvalidImageId.NotFound')
  if (image.status !== 'Available') throw refuse('OperationDenied.ImageNotValid')
  return image
}

function newestOfFamily(cloud: Cloud, region: Region, family: string): Image {
  const [newest] = cloud.places
    .images(region.regionId)
    .filter((image) => image.family === family && image.status === 'Available')
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
  if (newest === undefined) throw refuse('InvalidImageId.NotFound')
  return newest
}

function typeOf(cloud: Cloud, parameters: Parameters, zoneId: string): InstanceType {
  const name = parameters.text('InstanceType')
  if (name === undefined) throw refuse('MissingParameter', 'InstanceType')
  const type = cloud.places.instanceType(name)
  if (type === undefined) throw refuse('InvalidInstanceType.ValueNotSupported')
  if (type.notInZones?.includes(zoneId)) throw refuse('InvalidInstanceType.ZoneNotSupported')
  return type
}

function securityGroupsOf(cloud: Cloud, parameters: Parameters, vSwitch: VSwitch): string[] {
  const one = parameters.text('SecurityGroupId')
  const several = parameters.list('SecurityGroupIds')
  if (one !== undefined && several.length > 0) {
    throw refuse(
      'InvalidParameter.Conflict',
      'SecurityGroupId and SecurityGroupIds.N cannot be specified at the same time.',
    )
  }
  const ids = one === undefined ? several : [one]
  if (ids.length === 0) throw refuse('MissingParameter', 'SecurityGroupId')
  for (const id of ids) {
    const group = cloud.places.securityGroup(id)
    if (group === undefined || group.regionId !== vSwitch.regionId)
      throw refuse('InvalidSecurityGroupId.NotFound')
    if (group.vpcId !== vSwitch.vpcId) {
      throw refuse(
        'InvalidParameter.Mismatch',
        'Specified security group and virtual switch are not in the same VPC.',
      )
    }
  }
  return ids
}

/** A bid below a tenth of the list price is below any spot price. */
const LOWEST_SPOT_SHARE = 0.1

function checkMoney(parameters: Parameters, type: InstanceType): void {
  const strategy = parameters.text('SpotStrategy', 'NoSpot')
  if (strategy === 'NoSpot') return
  if (parameters.text('InstanceChargeType') === 'PrePaid') throw refuse('InvalidSpotPrepaid')
  if (strategy !== 'SpotWithPriceLimit') return
  const limit = parameters.number('SpotPriceLimit')
  if (limit === undefined || /\.\d{4,}$/.test(String(limit))) throw refuse('InvalidSpotPriceLimit')
  if (limit < type.price * LOWEST_SPOT_SHARE) throw refuse('InvalidSpotPriceLimit.LowerThanPublicPrice')
}

function checkDisk(parameters: Parameters, image: Image): void {
  const size = parameters.number('SystemDisk.Size')
  if (size !== undefined && size < image.sizeGiB) throw refuse('InvalidSystemDiskSize.LessThanImageSize')
}

function checkNames(parameters: Parameters, image: Image, amount: number): void {
  const uniqueSuffix = parameters.flag('UniqueSuffix')
  const name = parameters.text('InstanceName')
  const host = parameters.text('HostName')
  const hosts = parameters.list('HostNames')
  if (host !== undefined && hosts.length > 0) {
    throw refuse(
      'InvalidParameter.Conflict',
      'HostName and HostNames.N cannot be specified at the same time.',
    )
  }
  const last = { index: amount - 1, amount, uniqueSuffix }
  if (suffixTooLong(name, last, 128)) throw refuse('InvalidParams.InstanceNameExceed')
  if (suffixTooLong(host, last, image.os === 'windows' ? 15 : 64))
    throw refuse('InvalidParams.HostnameExceed')
  checkInstanceName(nameAt({ ...last, pattern: name }))
  for (const pattern of [host, ...hosts]) {
    checkHostName(nameAt({ ...last, pattern })?.replace('${instance_id}', 'i'), image.os)
  }
}

function checkTexts(parameters: Parameters, image: Image): void {
  const description = parameters.text('Description')
  if (description !== undefined && (description.length < 2 || /^https?:\/\//.test(description))) {
    throw refuse('InvalidDescription.Malformed')
  }
  checkPassword(parameters.text('Password'), image.os)
  if (!parameters.flag('PasswordInherit')) return
  if (parameters.has('Password') || !image.hasPassword) throw refuse('InvalidPasswordParam.Mismatch')
}

function suffixTooLong(
  pattern: string | undefined,
  at: { index: number; amount: number; uniqueSuffix: boolean },
  longest: number,
): boolean {
  if (pattern === undefined || pattern.length > longest) return false
  return at.uniqueSuffix && (nameAt({ ...at, pattern })?.length ?? 0) > longest
}

function releaseTimeOf(cloud: Cloud, parameters: Parameters): number | undefined {
  const text = parameters.text('AutoReleaseTime')
  if (text === undefined) return undefined
  if (parameters.text('InstanceChargeType') === 'PrePaid') throw refuse('ChargeTypeViolation')
  return readReleaseTime(text, cloud.clock.now())
}
