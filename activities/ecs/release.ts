import { TAGS } from '../../domain/tags.ts'
import type { HostRecord } from '../../domain/host/types.ts'
import type { BecomeReadyInput, PresenceAnswer, PreserveInput, RenewDeadManInput } from '../contract.ts'
import { noteEnd, noteReady } from '../hosts/note-boot.ts'
import { EcsError } from './ecs-error.ts'
import type { EcsWork } from './region-calls.ts'
import { releaseTimeFromNow } from './release-time.ts'

/** The instance has spoken: its dead-man release time is cleared, or set again where the fleet renews it. */
export async function becomeReady(work: EcsWork, input: BecomeReadyInput): Promise<PresenceAnswer> {
  const { ecs } = work.region(input.region)
  const at =
    input.releaseInMs === undefined ? undefined : releaseTimeFromNow(work.deps.clock(), input.releaseInMs)
  const answer = await presence(input.instanceId, () => ecs.setAutoRelease(input.instanceId, at))
  const address = input.privateIp === undefined ? {} : { privateIp: input.privateIp }
  return recorded(work, await noteReady(work.deps, { ...address, ...input.record }), answer)
}

/** Pushes the dead-man release time: an installation that is switched off leaves no instance behind. */
export async function renewDeadMan(work: EcsWork, input: RenewDeadManInput): Promise<PresenceAnswer> {
  const { ecs } = work.region(input.region)
  const at = releaseTimeFromNow(work.deps.clock(), input.releaseInMs)
  const answer = await presence(input.instanceId, () => ecs.setAutoRelease(input.instanceId, at))
  return recorded(work, input.record, answer)
}

/** Leaves the instance to a person until a time; the cloud releases it then, and the tag says why it is kept. */
export async function preserveInstance(work: EcsWork, input: PreserveInput): Promise<PresenceAnswer> {
  const { ecs } = work.region(input.region)
  const at = releaseTimeFromNow(work.deps.clock(), input.forMs)
  const answer = await presence(input.instanceId, async () => {
    await ecs.setAutoRelease(input.instanceId, at)
    await ecs.tagInstance(input.instanceId, { [TAGS.preserveUntil]: at })
  })
  await recorded(work, await noteEnd(work.deps, input.record), answer)
  return answer.outcome === 'done' ? recorded(work, input.recordWhenKept, answer) : answer
}

async function presence(instanceId: string, call: () => Promise<void>): Promise<PresenceAnswer> {
  try {
    await call()
    return { outcome: 'done' }
  } catch (error) {
    if (!(error instanceof EcsError) || error.fault.class !== 'gone') throw error
    return { outcome: 'gone', reason: `the cloud knows no ${instanceId} any more (${error.fault.code})` }
  }
}

async function recorded(
  { deps }: EcsWork,
  record: HostRecord,
  answer: PresenceAnswer,
): Promise<PresenceAnswer> {
  await deps.store.hosts.record(record, deps.clock())
  return answer
}
