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
  return {
    begin: (instance) => begin(options, instance),
    start(instance) {
      need(instance, ['Stopped'])
      powerUp(options, instance)
    },
    stop(instance, { force, stoppedMode }) {
      need(instance, ['Running'])
      transitions.cancel(instance.instanceId, 'boot')
      become(options, instance, 'Stopping')
      void power.off(instance, { force }).then(() => settleStopped(options, instance, stoppedMode))
    },
    reboot(instance, { force }) {
      need(instance, ['Running'])
      transitions.cancel(instance.instanceId, 'boot')
      become(options, instance, 'Stopping')
      void power.reboot(instance, { force }).then(() => settleRebooted(options, instance))
    },
    release(instance, { force }) {
      if (instance.releasing) return
      instance.releasing = true
      transitions.cancel(instance.instanceId)
      become(options, instance, instance.status === 'Stopped' ? 'Stopped' : 'Stopping')
      if (power.machine(instance.instanceId) === undefined) remove(options, instance)
      else void power.discard(instance, { force }).then(() => remove(options, instance))
    },
    resume(instance) {
      if (instance.releasing) remove(options, instance)
      else if (instance.status === 'Pending') begin(options, instance)
      else if (instance.status === 'Starting') powerUp(options, instance)
      else if (instance.status === 'Stopping') settleStopped(options, instance, 'KeepCharging')
      else if (instance.status === 'Running') void power.on(instance)
    },
  }
}

function become({ onChange }: LifecycleOptions, instance: Instance, status: Instance['status']): void {
  instance.status = status
  if (status !== 'Stopped') instance.stoppedMode = 'Not-applicable'
  onChange(instance)
}

function begin(options: LifecycleOptions, instance: Instance): void {
  become(options, instance, 'Pending')
  if (instance.powerWanted) {
    options.transitions.schedule(instance, 'pendingToStarting', () => powerUp(options, instance))
    return
  }
  options.transitions.schedule(instance, 'pendingToStopped', () => {
    instance.stoppedMode = 'KeepCharging'
    become(options, instance, 'Stopped')
  })
}

function powerUp(options: LifecycleOptions, instance: Instance): void {
  const { transitions, power } = options
  become(options, instance, 'Starting')
  transitions.schedule(instance, 'startingToRunning', () => {
    instance.startedAtMs = options.now()
    become(options, instance, 'Running')
    options.onRunning(instance)
    // Running is the hypervisor's word; the system inside takes its own time to boot.
    if (!instance.releasing) transitions.schedule(instance, 'boot', () => void power.on(instance))
  })
}

function settleStopped(
  options: LifecycleOptions,
  instance: Instance,
  mode: 'KeepCharging' | 'StopCharging',
): void {
  if (instance.releasing) return
  options.transitions.schedule(instance, 'stoppingToStopped', () => {
    instance.stoppedMode = mode
    become(options, instance, 'Stopped')
  })
}

function settleRebooted(options: LifecycleOptions, instance: Instance): void {
  if (instance.releasing) return
  become(options, instance, 'Starting')
  options.transitions.schedule(instance, 'startingToRunning', () => become(options, instance, 'Running'))
}

function remove(options: LifecycleOptions, instance: Instance): void {
  options.transitions.schedule(instance, 'release', () => options.onGone(instance))
}

function need(instance: Instance, allowed: readonly Instance['status'][]): void {
  if (instance.releasing || !allowed.includes(instance.status)) throw refuse('IncorrectInstanceStatus')
}
