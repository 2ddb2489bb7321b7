import { refuse } from '../errors.ts'
import { endDryRun } from './common.ts'
import { LAUNCH_FIELDS, RUN_INSTANCES_FIELDS } from './launch-fields.ts'
import { launchInstances } from './launch-instances.ts'
import { planLaunch } from './launch-plan.ts'
import type { Operation } from './operation.ts'

/** Pending → Starting → Running; the answer only says the request was accepted. */
export const runInstances: Operation = {
  summary: 'Makes up to 100 instances and powers them on',
  fields: RUN_INSTANCES_FIELDS,
  idempotent: true,
  handle({ cloud, parameters, stockOut }) {
    const plan = planLaunch(cloud, parameters)
    if (stockOut) throw refuse('OperationDenied.NoStock')
    if (parameters.flag('DryRun')) {
      const place = {
        regionId: plan.region.regionId,
        zoneId: plan.zoneId,
        instanceType: plan.type.instanceType,
      }
      cloud.capacity.grant(place, plan.amount, plan.atLeast)
    }
    endDryRun(parameters)
    const instances = launchInstances(cloud, plan, parameters, { powerWanted: true })
    return {
      InstanceIdSets: { InstanceIdSet: instances.map(({ instanceId }) => instanceId) },
      TradePrice: tradePrice(plan.type.price, instances.length),
      ...(parameters.text('InstanceChargeType') === 'PrePaid'
        ? { OrderId: orderId(cloud.random.integer(1e9)) }
        : {}),
    }
  },
}

/** Pending → Stopped: one instance that waits for StartInstance. */
export const createInstance: Operation = {
  summary: 'Makes one instance and leaves it Stopped',
  fields: LAUNCH_FIELDS,
  idempotent: true,
  handle({ cloud, parameters, stockOut }) {
    const plan = planLaunch(cloud, parameters)
    if (stockOut) throw refuse('OperationDenied.NoStock')
    endDryRun(parameters)
    const [instance] = launchInstances(cloud, plan, parameters, { powerWanted: false })
    return { InstanceId: instance!.instanceId, TradePrice: tradePrice(plan.type.price, 1) }
  },
}

function tradePrice(hourly: number, amount: number): number {
  return Math.round(hourly * amount * 1000) / 1000
}

function orderId(number: number): string {
  return String(2_000_000_000 + number)
}
