import type { LogLevel } from '../log.ts'
import type { Runtime } from '../runtime.ts'

export interface FakeRuntime extends Runtime {
  /** Every sleep that was asked for, in milliseconds. */
  slept: number[]
  lines: { level: LogLevel; message: string; fields?: Record<string, unknown> }[]
}

/** A clock that jumps over every sleep, chance that is always `chance`, a log that is kept. */
export function fakeRuntime(chance = 0.5): FakeRuntime {
  let nowMs = Date.parse('2026-01-01T00:00:00Z')
  const fake: FakeRuntime = {
    slept: [],
    lines: [],
    nowMs: () => nowMs,
    sleep: async (ms) => {
      fake.slept.push(ms)
      nowMs += ms
      await new Promise((resolve) => setImmediate(resolve))
    },
    random: () => chance,
    log: (level, message, fields) =>
      fake.lines.push({ level, message, ...(fields === undefined ? {} : { fields }) }),
  }
  return fake
}
