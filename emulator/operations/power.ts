import { endDryRun, instanceOf } from './common.ts'
import { OWNER_FIELDS } from './operation.ts'
import type { Operation } from './operation.ts'
import { refuse } from '../errors.ts'

const INSTANCE_ID = { type: 'string', required: true } as const

export const startInstance: Operation = {
  summary: 'Powers a Stopped instance on',
  fields: {
    ...OWNER_FIELDS,
    InstanceId: INSTANCE_ID,
    DryRun: { type: 'boolean' },
    InitLocalDisk: { type: 'boolean', note: 'accepted, without effect' },
  },
  handle({ cloud, parameters, stockOut }) {
    const instance = instanceOf(cloud, parameters.text('InstanceId', ''))
    if (instance.status !== 'Stopped' || instance.releasing) throw refuse('IncorrectInstanceStatus')
    // Starting again after StopCharging needs capacity again, and may not find it.
    if (stockOut) throw refuse('OperationDenied.NoStock')
    endDryRun(parameters)
    cloud.lifecycle.start(instance)
    return {}
  },
}

export const stopInstance: Operation = {
  summary: 'Powers a Running instance off, gracefully unless ForceStop',
  fields: {
    ...OWNER_FIELDS,
    InstanceId: INSTANCE_ID,
    ForceStop: { type: 'boolean' },
    StoppedMode: { type: 'string', values: ['StopCharging', 'KeepCharging', 'Not-applicable'] },
    ConfirmStop: { type: 'boolean', note: 'accepted, without effect' },
    Hibernate: { type: 'boolean', note: 'accepted, without effect' },
    DryRun: { type: 'boolean' },
  },
  handle({ cloud, parameters }) {
    const instance = instanceOf(cloud, parameters.text('InstanceId', ''))
    if (instance.status !== 'Running' || instance.releasing) throw refuse('IncorrectInstanceStatus')
    endDryRun(parameters)
    const stoppedMode = parameters.text('StoppedMode') === 'StopCharging' ? 'StopCharging' : 'KeepCharging'
    cloud.lifecycle.stop(instance, { force: parameters.flag('ForceStop'), stoppedMode })
    return {}
  },
}

export const rebootInstance: Operation = {
  summary: 'Reboots a Running instance',
  fields: {
    ...OWNER_FIELDS,
    InstanceId: INSTANCE_ID,
    ForceStop: { type: 'boolean' },
    DryRun: { type: 'boolean' },
  },
  handle({ cloud, parameters }) {
    const instance = instanceOf(cloud, parameters.text('InstanceId', ''))
    if (instance.status !== 'Running' || instance.releasing) throw refuse('IncorrectInstanceStatus')
    endDryRun(parameters)
    cloud.lifecycle.reboot(instance, { force: parameters.flag('ForceStop') })
    return {}
  },
}
