import { policyDelayMs } from '../clock.ts'
import type { Clock, Timer, Transition, TransitionPolicy } from '../clock.ts'
import type { Random } from '../random.ts'
import type { Instance } from './instance.ts'

/** Changes of instances that wait for their time or for a person. */
export interface Transitions {
  /** Runs `change` when the policy of this transition says so; at once when it is immediate. */
  schedule(instance: Instance, transition: Transition, change: () => void, policy?: TransitionPolicy): void
  /** Drops what waits for an instance, or only this one transition. */
  cancel(instanceId: string, transition?: Transition): void
  /** Everything that waits, oldest first. */
  waiting(): { instanceId: string; transition: Transition; dueAtMs: number | undefined }[]
  /** Carries waiting changes out now, whatever their policy; returns how many. */
  advance(only: { instanceId?: string | undefined; transition?: Transition | undefined }): number
}

interface Waiting {
  instanceId: string
  transition: Transition
  dueAtMs: number | undefined
  timer: Timer | undefined
  run: () => void
}

export function createTransitions(options: {
  clock: Clock
  random: Random
  policyOf: (instance: Instance, transition: Transition) => TransitionPolicy
}): Transitions {
  const { clock, random, policyOf } = options
  const waiting = new Map<string, Map<Transition, Waiting>>()

  function done(entry: Waiting): void {
    const ofInstance = waiting.get(entry.instanceId)
    ofInstance?.delete(entry.transition)
    if (ofInstance?.size === 0) waiting.delete(entry.instanceId)
    entry.timer?.cancel()
  }
  return {
    schedule(instance, transition, change, policy = policyOf(instance, transition)) {
      const delayMs = policyDelayMs(policy, random)
      if (delayMs === 0) {
        change()
        return
      }
      const entry: Waiting = {
        instanceId: instance.instanceId,
        transition,
        dueAtMs: delayMs === undefined ? undefined : clock.now() + delayMs,
        timer: undefined,
        run() {
          done(entry)
          change()
        },
      }
      const ofInstance = waiting.get(instance.instanceId) ?? new Map<Transition, Waiting>()
      waiting.set(instance.instanceId, ofInstance.set(transition, entry))
      if (entry.dueAtMs !== undefined) entry.timer = clock.at(entry.dueAtMs, entry.run)
    },
    cancel(instanceId, transition) {
      for (const entry of waiting.get(instanceId)?.values() ?? []) {
        if ((transition ?? entry.transition) === entry.transition) done(entry)
      }
    },
    waiting: () =>
      [...waiting.values()].flatMap((entries) =>
        [...entries.values()].map(({ instanceId, transition, dueAtMs }) => ({
          instanceId,
          transition,
          dueAtMs,
        })),
      ),
    advance(only) {
      const chosen = [...waiting.values()]
        .flatMap((entries) => [...entries.values()])
        .filter((entry) => (only.instanceId ?? entry.instanceId) === entry.instanceId)
        .filter((entry) => (only.transition ?? entry.transition) === entry.transition)
      for (const entry of chosen) entry.run()
      return chosen.length
    },
  }
}
