import type { HostSpec } from '../../domain/spec.ts'
import { specForTests } from '../../domain/testing/specs.ts'

/** A spec with every default of the config, of an image and of places in these zones that the emulator has. */
export function catalogueSpec(zoneLetters: string[], changes: Partial<HostSpec> = {}): HostSpec {
  return specForTests({
    imageId: 'm-bp1linux0000000000000',
    placements: zoneLetters.map((letter) => ({
      zone: `cn-hangzhou-${letter}`,
      vSwitchId: `vsw-bp1default0000000000${letter}`,
      instanceType: 'ecs.c7.large',
    })),
    securityGroupIds: ['sg-bp1default00000000000'],
    ...changes,
  })
}
