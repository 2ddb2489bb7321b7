import type { HostSpec } from '../spec.ts'

/** A small valid spec for tests; changes on top. */
export function specForTests(changes: Partial<HostSpec> = {}): HostSpec {
  return {
    region: 'cn-hangzhou',
    imageId: 'm-linux-agent',
    os: 'linux',
    placements: [{ zone: 'cn-hangzhou-h', vSwitchId: 'vsw-h', instanceType: 'ecs.c7.large' }],
    placementPolicy: 'order',
    securityGroupIds: ['sg-1'],
    internetMaxBandwidthOutMbps: 0,
    tags: {},
    bootTimeoutMs: 20 * 60_000,
    runningTimeoutMs: 5 * 60_000,
    heartbeatSeconds: 15,
    heartbeatTimeoutMs: 90_000,
    silentGraceMs: 300_000,
    drainTimeoutMs: 600_000,
    backoff: { initialMs: 5_000, maxMs: 600_000 },
    preserveFailedMs: 0,
    ...changes,
  }
}
