import type { Log } from './deps.ts'
import { reasonOf } from './errors.ts'

export interface Task {
  name: string
  everyMs: number
  run: () => Promise<void>
  /** Once more at the end: what was gathered is written. */
  atStop?: boolean
}

export interface Background {
  start(): void
  /** Ends after the runs under way and the last ones. */
  stop(): Promise<void>
}

/**
 * Runs tasks again and again, each one after itself and never twice at once. A failure is logged when it begins and
 * when it has ended, not every second between.
 */
export function createBackground(tasks: readonly Task[], log: Log): Background {
  const timers = new Map<string, NodeJS.Timeout>()
  const running = new Map<string, Promise<void>>()
  const failing = new Set<string>()
  let stopped = true

  async function runOnce({ name, run }: Task): Promise<void> {
    try {
      await run()
      if (failing.delete(name)) log.info({ task: name }, 'a background task works again')
    } catch (error) {
      if (!failing.has(name)) log.warn({ task: name, reason: reasonOf(error) }, 'a background task fails')
      failing.add(name)
    }
  }

  function schedule(task: Task, delayMs: number): void {
    const timer = setTimeout(() => {
      const run = runOnce(task).finally(() => {
        running.delete(task.name)
        if (!stopped) schedule(task, task.everyMs)
      })
      running.set(task.name, run)
    }, delayMs)
    timers.set(task.name, timer.unref())
  }

  return {
    start() {
      if (!stopped) return
      stopped = false
      for (const task of tasks) schedule(task, 0)
    },
    async stop() {
      stopped = true
      timers.forEach((timer) => clearTimeout(timer))
      await Promise.all(running.values())
      await Promise.all(tasks.filter((task) => task.atStop).map(runOnce))
    },
  }
}
