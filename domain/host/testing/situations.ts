import type { Saw } from './host-world.ts'
import { isReboot, isReclaim } from './told.ts'

/** What must have happened for the property to say anything of it. */
const SITUATIONS: Record<string, (...seen: Parameters<Saw>) => boolean> = {
  'an instance is there while its launch is in flight': ({ step }, event, world) =>
    step === 'launch' &&
    world.state.step === 'launch' &&
    world.live().length === 1 &&
    event.type !== 'drained',
  'its agent speaks while its launch is in flight': ({ step }, { type }, world) =>
    step === 'launch' && type === 'started' && world.state.current.claimedId === world.live()[0]?.id,
  'a launch answers after a cancel': ({ cancelled }, { type }) => cancelled && type === 'launched',
  'a launch answers after a retire': ({ wish }, { type }) => wish?.kind === 'retire' && type === 'launched',
  'a launch is unclear after a cancel': ({ cancelled }, { type }) => cancelled && type === 'unclear',
  'an instance of a cancelled host is found by its tags': ({ cancelled }, event) =>
    cancelled && event.type === 'found' && event.instanceIds.length === 1,
  'an instance is found at the second look alone': ({ current }, event) =>
    event.type === 'found' && event.instanceIds.length === 1 && current.lookups === 1,
  'a reboot while ready': (before, event) => isReboot(before, event) && before.phase === 'ready',
  'a reboot while silent': (before, event) => isReboot(before, event) && before.phase === 'silent',
  'an agent speaks where an old client did': (before, event, world) =>
    before.liveness === 'none' &&
    before.phase === 'ready' &&
    event.type === 'started' &&
    world.state.liveness === 'agent',
  'an old client speaks for an agent that is silent': (before, event) =>
    before.phase === 'silent' && event.type === 'started' && event.signal.liveness === 'none',
  'a notice of reclaim while ready': (before, event) => isReclaim(before, event) && before.phase === 'ready',
  'a notice of reclaim while silent': (before, event) =>
    isReclaim(before, event) && before.phase === 'silent',
  'a notice that leaves no time to drain': (before, event) =>
    isReclaim(before, event) && before.phase === 'ready' && event.signal.inMs <= 60_000,
  'a notice while it is kept from work already': ({ phase }, { type }) =>
    phase === 'draining' && type === 'reclaimNotice',
  'the cloud takes an instance that drains': ({ phase }, { type }, world) =>
    phase === 'draining' && type === 'drainDeadline' && world.live().length === 0,
  'a cancel while waiting': ({ phase }, { type }) => phase === 'waiting' && type === 'cancel',
  'a cancel while booting': ({ phase }, { type }) => phase === 'booting' && type === 'cancel',
  'a cancel while ready': ({ phase }, { type }) => phase === 'ready' && type === 'cancel',
  'a failed instance is kept': (_, { type }) => type === 'preserved',
}
/** Of each, over all runs. */
export const WANTED = 10

/** Counts how often each situation came about. */
export function countSituations(): { counts: Record<string, number>; saw: Saw } {
  const counts = Object.fromEntries(Object.keys(SITUATIONS).map((name) => [name, 0]))
  return {
    counts,
    saw: (...seen) => {
      for (const [name, holds] of Object.entries(SITUATIONS))
        if (holds(...seen)) counts[name] = (counts[name] ?? 0) + 1
    },
  }
}
