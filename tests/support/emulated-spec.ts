import type { HostSpec } from '../../domain/spec.ts'
import { catalogueSpec } from '../../emulator/testing/catalogue-spec.ts'

/** A spec that the emulator can fulfil, with beats quick enough for tests. */
export const emulatedSpec = (changes: Partial<HostSpec> = {}): HostSpec =>
  catalogueSpec(['h', 'i'], {
    heartbeatSeconds: 1,
    heartbeatTimeoutMs: 5_000,
    silentGraceMs: 10_000,
    ...changes,
  })
