import { stripVTControlCharacters } from 'node:util'
import type { Instance } from '../cloud/instance.ts'
import { CloudError } from '../errors.ts'
import type { Machine } from '../machines/contract.ts'
import { instanceOf, regionOf } from './common.ts'
import { OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation, OperationContext } from './operation.ts'

const FIELDS = {
  ...OWNER_FIELDS,
  RegionId: REGION_FIELD,
  InstanceId: { type: 'string', required: true },
} as const

export const getInstanceConsoleOutput: Operation = {
  summary: 'Shows the last 64 KiB of the serial console, Base64',
  fields: { ...FIELDS, RemoveSymbols: { type: 'boolean', note: 'strips terminal escapes' } },
  handle(context) {
    const { instance, machine } = runningMachine(context)
    const raw = machine?.consoleOutput() ?? ''
    const text = context.parameters.flag('RemoveSymbols') ? stripVTControlCharacters(raw) : raw
    return {
      InstanceId: instance.instanceId,
      ConsoleOutput: Buffer.from(text).toString('base64'),
      LastUpdateTime: new Date(context.cloud.clock.now()).toISOString().slice(0, 19).replace('T', ' '),
    }
  },
}

export const getInstanceScreenshot: Operation = {
  summary: 'Shows the screen as an image, Base64',
  fields: { ...FIELDS, WakeUp: { type: 'boolean', note: 'accepted, without effect' } },
  handle(context) {
    const { instance, machine } = runningMachine(context)
    return {
      InstanceId: instance.instanceId,
      Screenshot: machine === undefined ? '' : machine.screenshot().toString('base64'),
    }
  },
}

/** The machine behind a Running instance; none while it is between power and boot. */
function runningMachine({ cloud, parameters }: OperationContext): {
  instance: Instance
  machine: Machine | undefined
} {
  const { regionId } = regionOf(cloud, parameters)
  const instance = instanceOf(cloud, parameters.text('InstanceId', ''))
  if (instance.regionId !== regionId) throw wrongInstance()
  if (instance.status !== 'Running') {
    throw new CloudError('IncorrectInstanceStatus', 405, 'The instance is not running.')
  }
  return { instance, machine: cloud.power.machine(instance.instanceId) }
}

function wrongInstance(): CloudError {
  return new CloudError('InvalidParameter', 404, 'The specified InstanceId does not exist in the region.')
}
