import type { Random } from './random.ts'

/** How long a change takes: at once, when the admin plane says so, after a time, or log-normally distributed. */
export type TransitionPolicy =
  | 'immediate'
  | 'manual'
  | { afterSeconds: number; jitterSeconds?: number | undefined }
  | { medianSeconds: number; sigma: number }

/** The changes whose time can be chosen. */
export const TRANSITIONS = [
  'pendingToStarting',
  'pendingToStopped',
  'startingToRunning',
  'stoppingToStopped',
  'release',
  'boot',
  'idVisible',
  'ipVisible',
] as const
export type Transition = (typeof TRANSITIONS)[number]
export type ClockPolicy = Record<Transition, TransitionPolicy>

/** Short enough to develop with, long enough that every status is seen. */
export const DEFAULT_CLOCK_POLICY: ClockPolicy = {
  pendingToStarting: { afterSeconds: 0.3, jitterSeconds: 0.2 },
  pendingToStopped: { afterSeconds: 1 },
  startingToRunning: { afterSeconds: 0.7, jitterSeconds: 0.3 },
  stoppingToStopped: { afterSeconds: 0.5 },
  release: 'immediate',
  boot: { afterSeconds: 0.5, jitterSeconds: 0.5 },
  idVisible: 'immediate',
  ipVisible: 'immediate',
}

/** Every transition at once: for tests and benchmarks. */
export const IMMEDIATE_CLOCK_POLICY: ClockPolicy = {
  pendingToStarting: 'immediate',
  pendingToStopped: 'immediate',
  startingToRunning: 'immediate',
  stoppingToStopped: 'immediate',
  release: 'immediate',
  boot: 'immediate',
  idVisible: 'immediate',
  ipVisible: 'immediate',
}

/** Milliseconds until the change; undefined means somebody must advance it by hand. */
export function policyDelayMs(policy: TransitionPolicy, random: Random): number | undefined {
  if (policy === 'immediate') return 0
  if (policy === 'manual') return undefined
  if ('medianSeconds' in policy) {
    return Math.round(policy.medianSeconds * Math.exp(policy.sigma * random.normal()) * 1000)
  }
  return Math.round((policy.afterSeconds + random.next() * (policy.jitterSeconds ?? 0)) * 1000)
}

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Milliseconds since the epoch, as the emulated cloud sees them: the wall clock plus what was advanced. */
  readonly now: () => number
  /** Runs `run` when the cloud's time reaches `atMs`. */
  at(atMs: number, run: () => void): Timer
  /** Moves the cloud's time forward and runs everything that falls due, in order. */
  advance(ms: number): void
  close(): void
}

interface Entry {
  atMs: number
  order: number
  run: (() => void) | undefined
}

// setTimeout takes 32-bit milliseconds; a timer for an AutoReleaseTime years ahead is simply looked at again.
const LONGEST_WAIT_MS = 2_000_000_000

/**
 * One queue and one real timer for any number of instances.
 *
 * @param wallNow the real clock, milliseconds since the epoch.
 * @param onError called when a timer's work throws: one bad timer must not stop the others.
 */
export function createClock(wallNow: () => number, onError: (error: unknown) => void): Clock {
  const heap: Entry[] = []
  let offsetMs = 0
  let order = 0
  let armed: NodeJS.Timeout | undefined
  const now = (): number => wallNow() + offsetMs

  function arm(): void {
    clearTimeout(armed)
    const first = heap[0]
    if (first === undefined) return
    armed = setTimeout(runDue, Math.min(Math.max(first.atMs - now(), 0), LONGEST_WAIT_MS))
    armed.unref()
  }
  function runDue(): void {
    for (let first = heap[0]; first !== undefined && first.atMs <= now(); first = heap[0]) {
      pop(heap)
      try {
        first.run?.()
      } catch (error) {
        onError(error)
      }
    }
    arm()
  }
  return {
    now,
    at(atMs, run) {
      const entry: Entry = { atMs, order: (order += 1), run }
      push(heap, entry)
      if (heap[0] === entry) arm()
      return {
        cancel() {
          entry.run = undefined
        },
      }
    },
    advance(ms) {
      offsetMs += ms
      runDue()
    },
    close() {
      clearTimeout(armed)
      heap.length = 0
    },
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!before(entry, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = entry
}

function pop(heap: Entry[]): void {
  const last = heap.pop()!
  if (heap.length === 0) return
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1
    if (!before(heap[child]!, last)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = last
}
