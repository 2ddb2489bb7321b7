import { createDueQueue } from './heap.ts'

/** Gives many things their turns: one timer and a bounded number of turns at a time for all of them. */
export interface Scheduler<T> {
  add(item: T, dueMs: number): void
  close(): void
}

export interface SchedulerOptions<T> {
  /** Turns at a time; what is due beyond that waits. */
  maxTurns: number
  nowMs: () => number
  /** Never rejects. Resolves to the milliseconds until the next turn; undefined: no more. */
  turn: (item: T) => Promise<number | undefined>
}

export function createScheduler<T>({ maxTurns, nowMs, turn }: SchedulerOptions<T>): Scheduler<T> {
  const queue = createDueQueue<T>()
  let turns = 0
  let timer: NodeJS.Timeout | undefined
  let closed = false

  /** Starts what is due and sets the one timer for the rest. */
  function pump(): void {
    clearTimeout(timer)
    while (!closed && turns < maxTurns) {
      const item = queue.takeDue(nowMs())
      if (item === undefined) break
      void take(item)
    }
    const nextMs = queue.nextMs()
    if (closed || turns >= maxTurns || nextMs === undefined) return
    timer = setTimeout(pump, Math.max(0, nextMs - nowMs()))
    timer.unref()
  }

  async function take(item: T): Promise<void> {
    turns += 1
    const waitMs = await turn(item)
    turns -= 1
    if (waitMs !== undefined) queue.push(nowMs() + waitMs, item)
    pump()
  }

  return {
    add(item, dueMs) {
      queue.push(dueMs, item)
      // Thousands may be added in one go: the work begins when that is over.
      if (queue.nextMs() === dueMs) setImmediate(pump)
    },
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
