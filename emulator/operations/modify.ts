import { refuse } from '../errors.ts'
import type { Parameters } from '../fields.ts'
import type { Cloud } from '../cloud/cloud.ts'
import type { Instance } from '../cloud/instance.ts'
import { instanceOf } from './common.ts'
import { checkHostName, checkInstanceName, checkPassword } from './names.ts'
import { OWNER_FIELDS } from './operation.ts'
import type { Operation } from './operation.ts'
import { readReleaseTime } from './release-time.ts'
import { checkUserData } from './user-data.ts'

export const modifyInstanceAttribute: Operation = {
  summary: 'Changes name, host name, description, protection, groups, user data',
  fields: {
    ...OWNER_FIELDS,
    InstanceId: { type: 'string', required: true },
    InstanceName: { type: 'string', error: 'InvalidInstanceName.Malformed' },
    HostName: { type: 'string', note: 'shown at once; the system inside sees it after a reboot' },
    Description: { type: 'string', maxLength: 256, error: 'InvalidDescription.Malformed' },
    DeletionProtection: { type: 'boolean' },
    Password: { type: 'string', note: 'checked, not stored' },
    UserData: { type: 'string', note: 'the instance must be Stopped' },
    'SecurityGroupIds.N': { type: 'string' },
    Recyclable: { type: 'boolean', note: 'accepted, without effect' },
    CreditSpecification: { type: 'string', note: 'accepted, without effect' },
  },
  handle({ cloud, parameters }) {
    const instance = instanceOf(cloud, parameters.text('InstanceId', ''))
    const change = changeOf(cloud, instance, parameters)
    Object.assign(instance, change)
    cloud.saved(instance)
    return {}
  },
}

function changeOf(cloud: Cloud, instance: Instance, parameters: Parameters): Partial<Instance> {
  checkTexts(cloud, instance, parameters)
  const name = parameters.text('InstanceName')
  const hostName = parameters.text('HostName')
  const description = parameters.text('Description')
  const groups = parameters.list('SecurityGroupIds')
  for (const id of groups) checkGroup(cloud, instance, id)
  if (parameters.has('UserData') && instance.status !== 'Stopped') throw refuse('IncorrectInstanceStatus')
  return {
    ...(name === undefined ? {} : { name }),
    ...(hostName === undefined ? {} : { hostName }),
    ...(description === undefined ? {} : { description }),
    ...(groups.length === 0 ? {} : { securityGroupIds: groups }),
    ...(parameters.has('DeletionProtection')
      ? { deletionProtection: parameters.flag('DeletionProtection') }
      : {}),
    ...(parameters.has('UserData') ? { userData: checkUserData(parameters.text('UserData')) } : {}),
  }
}

function checkTexts(cloud: Cloud, instance: Instance, parameters: Parameters): void {
  const os = cloud.places.image(instance.regionId, instance.imageId)?.os ?? 'linux'
  checkInstanceName(parameters.text('InstanceName'))
  checkHostName(parameters.text('HostName'), os)
  checkPassword(parameters.text('Password'), os)
  if (/^https?:\/\//.test(parameters.text('Description', ''))) throw refuse('InvalidDescription.Malformed')
}

function checkGroup(cloud: Cloud, instance: Instance, id: string): void {
  const group = cloud.places.securityGroup(id)
  if (group === undefined || group.vpcId !== instance.vpcId) throw refuse('InvalidSecurityGroupId.NotFound')
}

/** Without a time the release is cancelled. */
export const modifyInstanceAutoReleaseTime: Operation = {
  summary: 'Sets or, without a time, clears when the instance is released by itself',
  fields: {
    ...OWNER_FIELDS,
    RegionId: { type: 'string', note: 'not needed' },
    InstanceId: { type: 'string', required: true },
    AutoReleaseTime: { type: 'string', note: 'at least 30 minutes and at most 3 years ahead' },
  },
  handle({ cloud, parameters }) {
    const instance = instanceOf(cloud, parameters.text('InstanceId', ''))
    if (instance.releasing) throw refuse('InvalidInstanceId.NotFound')
    if (instance.chargeType === 'PrePaid') throw refuse('ChargeTypeViolation')
    const text = parameters.text('AutoReleaseTime')
    instance.autoReleaseAtMs = text === undefined ? undefined : readReleaseTime(text, cloud.clock.now())
    cloud.retirement.armAutoRelease(instance)
    cloud.saved(instance)
    return {}
  },
}
