import { afterEach, expect, test, vi } from 'vitest'
import { parseConfig } from '../../domain/config/index.ts'
import { enrollmentKeys } from './parts.ts'

const config = parseConfig('api: { keys: [{ id: k1, secretEnv: FARM_KEY }] }\nfleets: {}\n', 'farm.yaml')

afterEach(() => vi.unstubAllEnvs())

test('a secret that a host could guess from its own token is refused, and named by its variable', () => {
  vi.stubEnv('FARM_KEY', 'x'.repeat(31))
  expect(() => enrollmentKeys(config)).toThrow(/FARM_KEY is shorter than 32 characters/)
  vi.stubEnv('FARM_KEY', 'x'.repeat(32))
  expect(enrollmentKeys(config)).toEqual({ all: { k1: 'x'.repeat(32) }, current: 'k1' })
})

test('a variable that is not set is named', () => {
  vi.stubEnv('FARM_KEY', undefined)
  expect(() => enrollmentKeys(config)).toThrow(/names FARM_KEY, but that variable is not set/)
})
