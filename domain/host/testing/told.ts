import type { Happening } from '../events.ts'
import type { HostState } from '../types.ts'

export const isReboot = (
  before: HostState,
  event: Happening,
): event is Extract<Happening, { type: 'started' }> =>
  event.type === 'started' &&
  (before.phase === 'ready' || before.phase === 'silent') &&
  event.signal.attempt === before.current.n &&
  event.signal.liveness === before.liveness &&
  event.signal.bootId !== before.current.bootId

export const isReclaim = (
  before: HostState,
  event: Happening,
): event is Extract<Happening, { type: 'reclaimNotice' }> =>
  event.type === 'reclaimNotice' && (before.phase === 'ready' || before.phase === 'silent')
