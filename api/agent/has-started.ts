import type { HostPhase } from '../../domain/host/types.ts'
import type { AttemptKey } from '../../domain/ids.ts'
import type { HostSummary } from '../../store/contract.ts'

/** Phases that a host reaches only after its first accepted `started`. */
const AFTER_STARTED: ReadonlySet<HostPhase> = new Set(['ready', 'silent', 'draining'])

/**
 * True when the store shows that a `started` of this very attempt was accepted: by its phase, or by facts, which come
 * into the store by a `started` first.
 */
export function hasStarted(row: HostSummary | undefined, { generation, attempt }: AttemptKey): boolean {
  if (row?.generation !== generation || row.attempt !== attempt) return false
  return row.hasFacts || AFTER_STARTED.has(row.phase)
}
