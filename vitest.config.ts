import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/test/longest-first.ts'

const ignored = ['node_modules/**', 'dist/**', '.muster/**']
/** Full counts take their time. */
const deepMs = process.env['MUSTER_DEEP'] ? 1_800_000 : undefined

// Unit tests stand beside their code; tests/ holds what needs whole servers.
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
        },
      },
      {
        test: {
          name: 'integration',
          include: ['tests/**/*.test.ts'],
          exclude: [...ignored, 'tests/deep/**'],
          testTimeout: deepMs ?? 120_000,
          hookTimeout: 120_000,
          // They wait for timers more than they compute: three files keep two cores busy.
          maxWorkers: 3,
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
