import type { HostSpec } from '../../domain/spec.ts'
import { catalogueSpec } from '../../emulator/testing/catalogue-spec.ts'

export const REGION = 'cn-hangzhou'
export const CONTROLLER = 'bench'
export const KEY = { id: 'k1', secret: 'enrollment-key-of-the-benchmarks' }

/** What most fleets would have: two zones, every default. */
export const benchSpec = (changes: Partial<HostSpec> = {}): HostSpec => catalogueSpec(['g', 'h'], changes)
