import type { HostSpec } from '../../domain/spec.ts'
import { specForTests } from '../../domain/testing/specs.ts'

/** A spec that the emulator's default catalogue can fulfil. */
export function emulatedSpec(changes: Partial<HostSpec> = {}): HostSpec {
  return specForTests({
    imageId: 'm-bp1linux0000000000000',
    placements: ['h', 'i'].map((letter) => ({
      zone: `cn-hangzhou-${letter}`,
      vSwitchId: `vsw-bp1default0000000000${letter}`,
      instanceType: 'ecs.c7.large',
    })),
    securityGroupIds: ['sg-bp1default00000000000'],
    heartbeatSeconds: 1,
    heartbeatTimeoutMs: 5_000,
    silentGraceMs: 10_000,
    ...changes,
  })
}
