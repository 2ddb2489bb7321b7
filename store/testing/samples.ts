import type { HostEvent, HostRecord } from '../../domain/host/types.ts'
import { hostId } from '../../domain/ids.ts'
import type { HostFacts } from '../../domain/wire.ts'

/** A host that boots; what a test is about is given. */
export function sampleRecord(
  changes: Partial<HostRecord> & { fleet?: string; slot?: number } = {},
): HostRecord {
  const { fleet = 'render', slot = 1 } = changes
  return {
    host: hostId(fleet, slot),
    generation: 'aaaaaaaaaa',
    attempt: 1,
    fleet,
    slot,
    phase: 'booting',
    seq: 1,
    at: 0,
    specHash: '0123456789ab',
    imageId: 'm-1',
    region: 'cn-hangzhou',
    liveness: 'agent',
    reason: '',
    events: [],
    ...changes,
  }
}

export function sampleEvent(seq: number, changes: Partial<HostEvent> = {}): HostEvent {
  return { seq, at: 1_000 + seq, kind: 'launched', attempt: 1, text: `event ${seq}`, ...changes }
}

export function sampleFacts(changes: Partial<HostFacts> = {}): HostFacts {
  return {
    instanceId: 'i-1',
    mac: '00:16:3e:00:00:01',
    privateIp: '10.0.0.1',
    cpu: { logical: 4, physical: 2, source: 'systeminformation' },
    memoryBytes: 8 * 1024 ** 3,
    os: { platform: 'linux', release: '6.1', arch: 'x64', hostname: 'render-1' },
    agentVersion: '0.1.0',
    programStartedAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  }
}
