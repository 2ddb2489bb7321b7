import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from './log.ts'
import type { DrainMarker } from './session.ts'

/**
 * A file in the state folder that names the drained attempt: on an instance started from an image of this one it names
 * another attempt and means nothing.
 *
 * @param attempt names host, generation and attempt
 */
export function createDrainMarker(stateDir: string, attempt: string, log: Log): DrainMarker {
  const file = join(stateDir, 'drained')
  return {
    isSet() {
      try {
        return readFileSync(file, 'utf8') === attempt
      } catch {
        // Absent (never drained) or not readable: the API's drain command comes again if it is still wanted.
        return false
      }
    },
    set() {
      try {
        mkdirSync(stateDir, { recursive: true })
        writeFileSync(file, attempt)
      } catch (error) {
        log('warn', 'the drain cannot be remembered over a restart of the agent', {
          file,
          reason: String(error),
        })
      }
    },
  }
}
