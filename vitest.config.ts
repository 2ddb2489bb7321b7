import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/test/longest-first.ts'

const ignored = ['node_modules/**', 'dist/**', '.muster/**']
/** Full counts take their time. */
const deepMs = process.env['MUSTER_DEEP'] ? 1_800_000 : undefined
/** Unit tests wait for timers and processes as long as they compute: three files keep two cores busy. */
const UNIT_FILES_AT_ONCE = 3
/** Each of these files starts a server, workers and agents of its own, and waits for them for half of its time. */
const INTEGRATION_FILES_AT_ONCE = 3
/**
 * Several Temporal servers share two cores with everything else: threads that wait for work by spinning, and collecting
 * garbage early, is a quarter of what one costs (measured: 26.5 to 20.1 s of processor over four files).
 */
const SERVER_ENV = { GOMAXPROCS: '1', GOGC: '400' }
/** Files that come after each other in one process load the SDKs once: a third of the unit tests' time, an eighth of the others'. */
const isolate = false

// Unit tests are next to their code; tests/ holds what needs whole servers.
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, 'tests/**'],
          testTimeout: deepMs ?? 20_000,
          isolate,
          maxWorkers: UNIT_FILES_AT_ONCE,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['tests/**/*.test.ts'],
          exclude: [...ignored, 'tests/deep/**'],
          testTimeout: deepMs ?? 120_000,
          hookTimeout: 120_000,
          isolate,
          env: SERVER_ENV,
          maxWorkers: INTEGRATION_FILES_AT_ONCE,
        },
      },
      {
        test: {
          name: 'deep',
          include: ['tests/deep/**/*.test.ts'],
          exclude: ignored,
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
