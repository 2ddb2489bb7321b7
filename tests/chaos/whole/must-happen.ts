import type { Happened } from './options.ts'

type Times = (happened: Happened) => number

const struck =
  (name: string): Times =>
  (happened) =>
    happened.struck[name] ?? 0
const made =
  (name: string): Times =>
  ({ troubles }) =>
    troubles[name] ?? 0
const accepted =
  (wish: string): Times =>
  (happened) =>
    happened.accepted[wish] ?? 0

/** Of whatever call. */
const throttled: Times = (happened) =>
  Object.entries(happened.struck)
    .filter(([name]) => name.endsWith(': throttle'))
    .reduce((sum, [, times]) => sum + times, 0)

/** What a run is to prove harmless. */
const MUST_HAPPEN: Record<string, Times> = {
  'a launch without stock': struck('instance: stockOut'),
  'a throttled call': throttled,
  'a connection reset after a launch was done': struck('RunInstances: resetAfter'),
  'a connection reset after a delete was done': struck('DeleteInstances: resetAfter'),
  'a launch that is done and hangs': struck('RunInstances: hang'),
  'an instance that vanishes': struck('instance: vanish'),
  'a mute instance': struck('instance: muteAgent'),
  'a spot reclaim': struck('instance: spotReclaim'),
  'a kill of a worker': made('kill worker'),
  'a kill of an API': made('kill api'),
  'a kill of Temporal': made('kill temporal'),
  'a resize': accepted('resize'),
  'a roll': accepted('roll'),
  'a sweep': made('sweep'),
}

/** That something did no harm which never happened proves nothing. @returns what has not happened yet, in words */
export const neverHappened = (happened: Happened): string[] =>
  Object.entries(MUST_HAPPEN)
    .filter(([, times]) => times(happened) === 0)
    .map(([what]) => `${what} never happened: the run does not prove that it does no harm`)
