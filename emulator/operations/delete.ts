import type { Instance } from '../cloud/instance.ts'
import { refuse } from '../errors.ts'
import type { Parameters } from '../fields.ts'
import { endDryRun, instanceOf, regionOf } from './common.ts'
import { CLIENT_TOKEN_FIELD, OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation } from './operation.ts'

const DELETE_FIELDS = {
  ...OWNER_FIELDS,
  Force: { type: 'boolean', note: 'release although Running' },
  ForceStop: { type: 'boolean', note: 'default true: power off; false: shut down first' },
  TerminateSubscription: { type: 'boolean', note: 'accepted, without effect' },
  DryRun: { type: 'boolean' },
} as const

export const deleteInstance: Operation = {
  summary: 'Releases one instance; knows neither RegionId nor ClientToken',
  fields: { ...DELETE_FIELDS, InstanceId: { type: 'string', required: true } },
  handle({ cloud, parameters }) {
    const instance = instanceOf(cloud, parameters.text('InstanceId', ''))
    checkReleasable(instance, parameters)
    endDryRun(parameters)
    cloud.lifecycle.release(instance, { force: forceStop(parameters) })
    return {}
  },
}

/** All or nothing: one instance that cannot be released refuses the whole call. */
export const deleteInstances: Operation = {
  summary: 'Releases up to 100 instances, all or none',
  fields: {
    ...DELETE_FIELDS,
    RegionId: REGION_FIELD,
    'InstanceId.N': { type: 'string', required: true },
    ClientToken: CLIENT_TOKEN_FIELD,
  },
  idempotent: true,
  handle({ cloud, parameters }) {
    const { regionId } = regionOf(cloud, parameters)
    const ids = [...new Set(parameters.list('InstanceId'))]
    if (ids.length > 100) throw refuse('InvalidParameter', 'InstanceId')
    const instances = ids.map((id) => instanceOf(cloud, id))
    for (const instance of instances) {
      if (instance.regionId !== regionId) throw refuse('InvalidInstanceId.NotFound')
      checkReleasable(instance, parameters)
    }
    // The answer to a dry run that passed has its own code here.
    if (parameters.flag('DryRun')) throw refuse('DRYRUN.SUCCESS')
    for (const instance of instances) cloud.lifecycle.release(instance, { force: forceStop(parameters) })
    return {}
  },
}

function checkReleasable(instance: Instance, parameters: Parameters): void {
  if (instance.releasing) return
  if (instance.deletionProtection) throw refuse('InvalidOperation.DeletionProtection', instance.instanceId)
  if (instance.chargeType === 'PrePaid') throw refuse('ChargeTypeViolation')
  if (instance.status === 'Pending' || instance.status === 'Starting') {
    throw refuse('IncorrectInstanceStatus.Initializing')
  }
  if (instance.status !== 'Stopped' && !parameters.flag('Force')) throw refuse('IncorrectInstanceStatus')
}

function forceStop(parameters: Parameters): boolean {
  return !parameters.has('ForceStop') || parameters.flag('ForceStop')
}
