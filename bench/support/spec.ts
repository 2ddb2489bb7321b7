import type { HostSpec } from '../../domain/spec.ts'

export const REGION = 'cn-hangzhou'
export const CONTROLLER = 'bench'
export const KEY = { id: 'k1', secret: 'enrollment-key-of-the-benchmarks' }

/** A spec with every default of the config, of an image and places that the emulator has. */
export function benchSpec(changes: Partial<HostSpec> = {}): HostSpec {
  return {
    region: REGION,
    imageId: 'm-bp1linux0000000000000',
    os: 'linux',
    placements: ['g', 'h'].map((letter) => ({
      zone: `${REGION}-${letter}`,
      vSwitchId: `vsw-bp1default0000000000${letter}`,
      instanceType: 'ecs.g7.large',
    })),
    placementPolicy: 'order',
    securityGroupIds: ['sg-bp1default00000000000'],
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
