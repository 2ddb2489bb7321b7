import { refuse } from '../errors.ts'
import type { Instance } from './instance.ts'
import type { Power } from './power.ts'
import type { Transitions } from './transitions.ts'

/** Changes of status, as clients order them. Everything is asynchronous: an order accepted is not yet carried out. */
export interface Lifecycle {
  /** Pending, then Starting and Running; when power is not wanted, Pending and then Stopped (CreateInstance). */
  begin(instance: Instance): void
  start(instance: Instance): void
  stop(instance: Instance, options: { force: boolean; stoppedMode: 'KeepCharging' | 'StopCharging' }): void
  reboot(instance: Instance, options: { force: boolean }): void
  /** Gone once its machine is off. A second order changes nothing. */
  release(instance: Instance, options: { force: boolean }): void
  /** Takes up again what a restart of the emulator interrupted. */
  resume(instance: Instance): void
}

export interface LifecycleOptions {
  now: () => number
  power: Power
  transitions: Transitions
  /** After every change that a describe can see. */
  onChange: (instance: Instance) => void
  onRunning: (instance: Instance) => void
  onGone: (instance: Instance) => void
}

export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { transitions, power } = options

  function become(instance: Instance, status: Instance['status']): void {
    instance.status = status
    if (status !== 'Stopped') instance.stoppedMode = 'Not-applicable'
    options.onChange(instance)
  }
  function powerUp(instance: Instance): void {
    become(instance, 'Starting')
    transitions.schedule(instance, 'startingToRunning', () => {
      instance.startedAtMs = options.now()
      become(instance, 'Running')
      options.onRunning(instance)
      // Running is the hypervisor's word; the system inside takes its own time to boot.
      if (!instance.releasing) transitions.schedule(instance, 'boot', () => void power.on(instance))
    })
  }
  function begin(instance: Instance): void {
    become(instance, 'Pending')
    if (instance.powerWanted) transitions.schedule(instance, 'pendingToStarting', () => powerUp(instance))
    else {
      transitions.schedule(instance, 'pendingToStopped', () => {
        instance.stoppedMode = 'KeepCharging'
        become(instance, 'Stopped')
      })
    }
  }
  function settleStopped(instance: Instance, mode: 'KeepCharging' | 'StopCharging'): void {
    if (instance.releasing) return
    transitions.schedule(instance, 'stoppingToStopped', () => {
      instance.stoppedMode = mode
      become(instance, 'Stopped')
    })
  }
  function remove(instance: Instance): void {
    transitions.schedule(instance, 'release', () => options.onGone(instance))
  }
  return {
    begin,
    start(instance) {
      need(instance, ['Stopped'])
      powerUp(instance)
    },
    stop(instance, { force, stoppedMode }) {
      need(instance, ['Running'])
      transitions.cancel(instance.instanceId, 'boot')
      become(instance, 'Stopping')
      void power.off(instance, { force }).then(() => settleStopped(instance, stoppedMode))
    },
    reboot(instance, { force }) {
      need(instance, ['Running'])
      transitions.cancel(instance.instanceId, 'boot')
      become(instance, 'Stopping')
      void power.reboot(instance, { force }).then(() => {
        if (instance.releasing) return
        become(instance, 'Starting')
        transitions.schedule(instance, 'startingToRunning', () => become(instance, 'Running'))
      })
    },
    release(instance, { force }) {
      if (instance.releasing) return
      instance.releasing = true
      transitions.cancel(instance.instanceId)
      become(instance, instance.status === 'Stopped' ? 'Stopped' : 'Stopping')
      if (power.machine(instance.instanceId) === undefined) remove(instance)
      else void power.discard(instance, { force }).then(() => remove(instance))
    },
    resume(instance) {
      if (instance.releasing) remove(instance)
      else if (instance.status === 'Pending') begin(instance)
      else if (instance.status === 'Starting') powerUp(instance)
      else if (instance.status === 'Stopping') settleStopped(instance, 'KeepCharging')
      else if (instance.status === 'Running') void power.on(instance)
    },
  }
}

function need(instance: Instance, allowed: readonly Instance['status'][]): void {
  if (instance.releasing || !allowed.includes(instance.status)) throw refuse('IncorrectInstanceStatus')
}
