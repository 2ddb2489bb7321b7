import type { Clock, Timer } from '../clock.ts'
import type { Instance } from './instance.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Power } from './power.ts'

/** Ends that nobody orders at the moment they come: release times, spot reclaims, failures after acceptance. */
export interface Retirement {
  /** Arms the release time the instance carries, or disarms it when it carries none. */
  armAutoRelease(instance: Instance): void
  /** Spot reclaim: locked and announced now, ended after the notice as the instance's interruption mode says. */
  reclaim(instance: Instance, noticeMs: number): void
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
  get: (instanceId: string) => Instance | undefined
}

type Kind = 'autoRelease' | 'reclaim' | 'vanish'

export function createRetirement(options: RetirementOptions): Retirement {
  const { clock, lifecycle, power } = options
  const timers = new Map<string, Map<Kind, Timer>>()

  function arm(instance: Instance, kind: Kind, atMs: number, run: (live: Instance) => void): void {
    disarm(instance.instanceId, kind)
    const ofInstance = timers.get(instance.instanceId) ?? new Map<Kind, Timer>()
    const timer = clock.at(atMs, () => {
      ofInstance.delete(kind)
      const live = options.get(instance.instanceId)
      if (live !== undefined && !live.releasing) run(live)
    })
    timers.set(instance.instanceId, ofInstance.set(kind, timer))
  }
  function disarm(instanceId: string, kind: Kind): void {
    timers.get(instanceId)?.get(kind)?.cancel()
    timers.get(instanceId)?.delete(kind)
  }
  function endSpot(instance: Instance): void {
    delete instance.reclaimAtMs
    instance.locks = instance.locks.filter((lock) => lock !== 'Recycling')
    if (instance.spot.interruption === 'Stop' && instance.status === 'Running') {
      lifecycle.stop(instance, { force: true, stoppedMode: 'StopCharging' })
    } else lifecycle.release(instance, { force: true })
  }
  function vanishNow(instance: Instance): void {
    options.publish(instance, 'SystemFailure.Delete', 'The instance could not be created.')
    lifecycle.release(instance, { force: true })
  }
  function armAutoRelease(instance: Instance): void {
    if (instance.autoReleaseAtMs === undefined) {
      disarm(instance.instanceId, 'autoRelease')
      return
    }
    // Deletion protection guards against people, not against the release time.
    arm(instance, 'autoRelease', instance.autoReleaseAtMs, (live) => lifecycle.release(live, { force: true }))
  }
  return {
    armAutoRelease,
    reclaim(instance, noticeMs) {
      if (instance.locks.includes('Recycling')) return
      const endsAtMs = clock.now() + noticeMs
      instance.locks.push('Recycling')
      instance.reclaimAtMs = endsAtMs
      power.machine(instance.instanceId)?.setSpotTermination(new Date(endsAtMs))
      options.onChange(instance)
      arm(instance, 'reclaim', endsAtMs, endSpot)
    },
    vanish(instance, afterMs) {
      instance.vanishAtMs = clock.now() + afterMs
      arm(instance, 'vanish', instance.vanishAtMs, vanishNow)
    },
    resume(instance) {
      armAutoRelease(instance)
      if (instance.reclaimAtMs !== undefined) arm(instance, 'reclaim', instance.reclaimAtMs, endSpot)
      if (instance.vanishAtMs !== undefined) arm(instance, 'vanish', instance.vanishAtMs, vanishNow)
    },
    forget(instanceId) {
      for (const timer of timers.get(instanceId)?.values() ?? []) timer.cancel()
      timers.delete(instanceId)
    },
  }
}
