/** The wall clock as the workers have it. */
export interface WorldClock {
  aheadMs: number
  now: () => number
}

export function createClock(): WorldClock {
  const clock = { aheadMs: 0, now: () => Date.now() + clock.aheadMs }
  return clock
}
