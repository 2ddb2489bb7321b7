import type { Log } from './log.ts'

/** Time, chance and the log, given from outside so that tests can hold them. */
export interface Runtime {
  nowMs(): number
  sleep(ms: number): Promise<void>
  /** 0 ≤ x < 1 */
  random(): number
  log: Log
}
