import type { Clock, Timer } from '../clock.ts'
import type { Instance } from './instance.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Power } from './power.ts'

/** Ends that nobody orders at the moment they come: release times, spot reclaims, failures after acceptance. */
export interface Retirement {
  /** Arms the release time the instance carries, or disarms it when it carries none. */
  armAutoRelease(instance: Instance): void
  /** Spot reclaim: after a time locked and announced, then ended as the instance's interruption mode says. */
  reclaimLater(instance: Instance, plan: { afterSeconds: number; noticeSeconds: number }): void
  /** Begins the reclaims that were planned for when the instance runs. */
  beginPlanned(instance: Instance): void
  /** The creation fails after it was accepted. */
  vanish(instance: Instance, afterMs: number): void
  /** Arms again what a restart of the emulator interrupted. */
  resume(instance: Instance): void
  /** Forgets every timer of an instance that is gone. */
  forget(instanceId: string): void
}

export interface RetirementOptions {
  clock: Clock
  lifecycle: Lifecycle
  power: Power
  onChange: (instance: Instance) => void
  publish: (instance: Instance, type: string, reason: string) => void
  readonly get: (instanceId: string) => Instance | undefined
}

export function createRetirement(options: RetirementOptions): Retirement {
  const { clock, lifecycle, power } = options
  const timers = createInstanceTimers(options)

  function vanishNow(instance: Instance): void {
    options.publish(instance, 'SystemFailure.Delete', 'The instance could not be created.')
    lifecycle.release(instance, { force: true })
  }
  function armAutoRelease(instance: Instance): void {
    const { instanceId, autoReleaseAtMs } = instance
    if (autoReleaseAtMs === undefined) timers.disarm(instanceId, 'autoRelease')
    // Deletion protection guards against people, not against the release time.
    else
      timers.arm(instanceId, 'autoRelease', autoReleaseAtMs, (live) =>
        lifecycle.release(live, { force: true }),
      )
  }
  function reclaim(instance: Instance, noticeMs: number): void {
    if (instance.locks.includes('Recycling')) return
    const endsAtMs = clock.now() + noticeMs
    instance.locks.push('Recycling')
    instance.reclaimAtMs = endsAtMs
    power.machine(instance.instanceId)?.setSpotTermination(new Date(endsAtMs))
    options.onChange(instance)
    timers.arm(instance.instanceId, 'reclaim', endsAtMs, (live) => endSpot(live, lifecycle))
  }
  const reclaimLater: Retirement['reclaimLater'] = (instance, { afterSeconds, noticeSeconds }) => {
    const atMs = clock.now() + afterSeconds * 1000
    timers.arm(instance.instanceId, 'announce', atMs, (live) => reclaim(live, noticeSeconds * 1000))
  }
  return {
    armAutoRelease,
    reclaimLater,
    beginPlanned(instance) {
      for (const planned of instance.plannedReclaims ?? []) reclaimLater(instance, planned)
      delete instance.plannedReclaims
    },
    vanish(instance, afterMs) {
      instance.vanishAtMs = clock.now() + afterMs
      timers.arm(instance.instanceId, 'vanish', instance.vanishAtMs, vanishNow)
    },
    resume(instance) {
      const { instanceId, reclaimAtMs, vanishAtMs } = instance
      armAutoRelease(instance)
      if (reclaimAtMs !== undefined)
        timers.arm(instanceId, 'reclaim', reclaimAtMs, (live) => endSpot(live, lifecycle))
      if (vanishAtMs !== undefined) timers.arm(instanceId, 'vanish', vanishAtMs, vanishNow)
    },
    forget: timers.forget,
  }
}

function endSpot(instance: Instance, lifecycle: Lifecycle): void {
  delete instance.reclaimAtMs
  instance.locks = instance.locks.filter((lock) => lock !== 'Recycling')
  if (instance.spot.interruption === 'Stop' && instance.status === 'Running') {
    lifecycle.stop(instance, { force: true, stoppedMode: 'StopCharging' })
  } else lifecycle.release(instance, { force: true })
}

type Kind = 'autoRelease' | 'announce' | 'reclaim' | 'vanish'

interface InstanceTimers {
  /** One timer of a kind an instance; the work is skipped when the instance is gone by then. */
  arm(instanceId: string, kind: Kind, atMs: number, run: (live: Instance) => void): void
  disarm(instanceId: string, kind: Kind): void
  readonly forget: (instanceId: string) => void
}

function createInstanceTimers({ clock, get }: Pick<RetirementOptions, 'clock' | 'get'>): InstanceTimers {
  const timers = new Map<string, Map<Kind, Timer>>()
  function disarm(instanceId: string, kind: Kind): void {
    timers.get(instanceId)?.get(kind)?.cancel()
    timers.get(instanceId)?.delete(kind)
  }
  return {
    arm(instanceId, kind, atMs, run) {
      disarm(instanceId, kind)
      const ofInstance = timers.get(instanceId) ?? new Map<Kind, Timer>()
      const timer = clock.at(atMs, () => {
        ofInstance.delete(kind)
        const live = get(instanceId)
        if (live !== undefined && !live.releasing) run(live)
      })
      timers.set(instanceId, ofInstance.set(kind, timer))
    },
    disarm,
    forget(instanceId) {
      for (const timer of timers.get(instanceId)?.values() ?? []) timer.cancel()
      timers.delete(instanceId)
    },
  }
}
