import type { EffectOf } from '../faults/schema.ts'
import type { InstanceEffect } from '../faults/faults.ts'
import type { Cloud } from './cloud.ts'
import type { Instance } from './instance.ts'

/** Everything about a new instance that the request decides. */
export type LaunchDetails = Omit<
  Instance,
  | 'order'
  | 'status'
  | 'stoppedMode'
  | 'createdAtMs'
  | 'startedAtMs'
  | 'behaviour'
  | 'releasing'
  | 'visible'
  | 'locks'
  | 'plannedReclaims'
  | 'reclaimAtMs'
  | 'vanishAtMs'
  | 'leaves'
>

/** Takes a new instance into the cloud and sets it going; faults on instances strike here. */
export function launch(cloud: Cloud, details: LaunchDetails): Instance {
  const instance: Instance = {
    ...details,
    order: cloud.instances.nextOrder(),
    status: 'Pending',
    stoppedMode: 'Not-applicable',
    createdAtMs: cloud.clock.now(),
    startedAtMs: undefined,
    behaviour: { ...cloud.settings.behaviour },
    releasing: false,
    visible: { id: true, ip: true },
    locks: [],
  }
  cloud.instances.add(instance)
  cloud.capacity.take(instance)
  cloud.retirement.armAutoRelease(instance)
  const effects = cloud.faults.forInstance(instance)
  showLater(cloud, instance, 'id', 'idVisible', delayOf(effects, 'lateId'))
  if (effects.some(({ type }) => type === 'missingIp')) instance.visible.ip = false
  else showLater(cloud, instance, 'ip', 'ipVisible', delayOf(effects, 'lateIp'))
  for (const effect of effects) strike(cloud, instance, effect)
  cloud.lifecycle.begin(instance)
  return instance
}

const STRIKE_LIVING: ReadonlySet<string> = new Set([
  'vanish',
  'spotReclaim',
  'leaveDisk',
  'leaveInterface',
] satisfies InstanceEffect['type'][])

/** Strikes instances that already live with a fault just added: reclaims and vanishings need not wait for new ones. */
export function strikeLiving(cloud: Cloud, faultId: string): void {
  const type = cloud.faults.list().find(({ id }) => id === faultId)?.effect.type
  if (type === undefined || !STRIKE_LIVING.has(type)) return
  for (const instance of cloud.instances.newestFirst()) {
    if (instance.releasing) continue
    for (const effect of cloud.faults.forInstance(instance, faultId)) strikeNow(cloud, instance, effect)
  }
}

function strike(cloud: Cloud, instance: Instance, effect: InstanceEffect): void {
  switch (effect.type) {
    case 'muteAgent':
      instance.behaviour = { agent: 'mute' }
      return
    case 'wrongIdentity':
      instance.behaviour = { agent: 'wrongIdentity' }
      return
    case 'noAgent':
      instance.behaviour = { agent: 'none' }
      return
    case 'vanish':
      cloud.retirement.vanish(instance, effect.afterSeconds * 1000)
      return
    case 'spotReclaim':
      instance.plannedReclaims = [...(instance.plannedReclaims ?? []), effect]
      return
    case 'leaveDisk':
      leave(instance, 'disk')
      return
    case 'leaveInterface':
      leave(instance, 'interface')
      return
    case 'lateId':
    case 'lateIp':
    case 'missingIp':
      return // done where visibility is decided, which also covers the clock policy
  }
}

function leave(instance: Instance, what: 'disk' | 'interface'): void {
  instance.leaves = [...(instance.leaves ?? []), what]
}

function strikeNow(cloud: Cloud, instance: Instance, effect: InstanceEffect): void {
  if (effect.type === 'spotReclaim' && instance.status === 'Running')
    cloud.retirement.reclaimLater(instance, effect)
  else strike(cloud, instance, effect)
}

function delayOf(effects: readonly InstanceEffect[], type: 'lateId' | 'lateIp'): number | undefined {
  const late = effects.find(
    (effect): effect is EffectOf<'lateId'> | EffectOf<'lateIp'> => effect.type === type,
  )
  return late?.seconds
}

function showLater(
  cloud: Cloud,
  instance: Instance,
  what: 'id' | 'ip',
  transition: 'idVisible' | 'ipVisible',
  lateSeconds: number | undefined,
): void {
  instance.visible[what] = false
  const show = (): void => {
    instance.visible[what] = true
    cloud.saved(instance)
  }
  const policy = lateSeconds === undefined ? undefined : { afterSeconds: lateSeconds }
  cloud.transitions.schedule(instance, transition, show, policy)
}
