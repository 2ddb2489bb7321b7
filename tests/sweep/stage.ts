import { createRequire } from 'node:module'
import type * as EcsModule from '@alicloud/ecs20140526'
import { instanceTags, type Owner } from '../../domain/tags.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import { WORKFLOWS } from '../../domain/messages.ts'
import { sweepWorkflowId, type AttemptKey } from '../../domain/ids.ts'
import type { SweepInput, SweepLine, SweepReport } from '../../domain/sweep/types.ts'
import { GOOD_LAUNCH, sdkClient } from '../../emulator/testing/sdk.ts'
import { CONTROLLER } from '../support/names.ts'
import type { World } from '../support/world.ts'

const Ecs = createRequire(import.meta.url)('@alicloud/ecs20140526') as typeof EcsModule.default

export const ownerOf = ({ temporal }: World): Owner => ({
  controller: CONTROLLER,
  namespaceId: temporal.namespaceId,
})

/** One sweep by its workflow. Without an age guard unless one is given: what is made in a test is young. */
export async function sweep(world: World, changes: Partial<SweepInput> = {}): Promise<SweepReport> {
  const input: SweepInput = {
    ...ownerOf(world),
    region: 'cn-hangzhou',
    by: 'test',
    why: 'to see it',
    policy: { ageGuardMs: 0 },
    ...changes,
  }
  return (await world.client.workflow.execute(WORKFLOWS.sweep, {
    workflowId: sweepWorkflowId(CONTROLLER),
    taskQueue: MUSTER_QUEUE,
    args: [input],
  })) as SweepReport
}

export const lineOf = ({ lines }: SweepReport, id: string): SweepLine | undefined =>
  lines.find((line) => line.id === id)

/** Instances as a launch would have tagged them, made without a host. */
export async function launchTagged(
  world: World,
  key: AttemptKey,
  amount = 1,
  owner = ownerOf(world),
): Promise<string[]> {
  const tag = Object.entries(instanceTags(owner, key)).map(
    ([name, value]) => new Ecs.RunInstancesRequestTag({ key: name, value }),
  )
  const request = new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, amount, tag })
  const { body } = await sdkClient(world.emulator).runInstances(request)
  return body?.instanceIdSets?.instanceIdSet ?? []
}

export const tagsOf = (world: World, instanceId: string): Record<string, string> | undefined =>
  world.emulator.cloud.instances.get(instanceId)?.tags

/** The cloud may take a moment from accepting a delete to being rid of the instance. */
export const exists = (world: World, instanceId: string): boolean => {
  const instance = world.emulator.cloud.instances.get(instanceId)
  return instance !== undefined && !instance.releasing
}
