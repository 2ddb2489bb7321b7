import { isDeepStrictEqual } from 'node:util'
import type { EcsError } from '../../activities/index.ts'
import { expandPlacements } from '../../domain/config/expand-placements.ts'
import type { HostSettings } from '../../domain/config/types.ts'

/** The cloud's code and, where that is not enough, its words → the field of a fleet's hosts that it is about, and whether it is one of a placement. */
const FIELDS: readonly [RegExp, string, 'placement'?][] = [
  [/^InvalidImage(Id)?\b|^ImageNotSupport/, 'image'],
  [/^InvalidZoneId\b/, 'zone', 'placement'],
  [/^InvalidVSwitchId\b/, 'vSwitch', 'placement'],
  [/^(InvalidInstanceType|InvalidResourceType|InstanceType)\b/, 'type', 'placement'],
  [/^InvalidSpotPriceLimit\b|^OperationDenied\.SpotPriceLower/, 'spot', 'placement'],
  // One code for two things that do not fit together: the group with the vSwitch's network, or the vSwitch with the zone.
  [/^InvalidSecurityGroupId\b|^InvalidParameter\.Mismatch: .*\bsecurity group\b/i, 'securityGroups'],
  [/^InvalidParameter\.Mismatch: .*\bv(irtual )?switch\b/i, 'vSwitch', 'placement'],
  [/^InvalidKeyPair(Name)?\b/, 'keyPair'],
  [/^InvalidRamRole\b/, 'ramRole'],
  [/^Invalid(SystemDisk|DiskCategory)/, 'systemDisk'],
]

/**
 * The field of the config that a refused launch is about: `fleets.render.hosts.placements[1].vSwitch`.
 * @param index of the placement as specs have them: lists of types expanded, on-demand twins of spot ones among them
 */
export function fieldOf(
  { code, message }: Pick<EcsError['fault'], 'code' | 'message'>,
  fleet: string,
  { placements }: Pick<HostSettings, 'placements'>,
  index: number,
): string | undefined {
  const found = FIELDS.find(([pattern]) => pattern.test(`${code}: ${message}`))
  if (found === undefined) return undefined
  const [, field, where] = found
  const hosts = `fleets.${fleet}.hosts`
  if (where === undefined) return `${hosts}.${field}`
  const { item, type } = whereSaid(placements, index)
  return `${hosts}.placements[${item}].${field === 'type' ? type : field}`
}

/**
 * Where in the config that placement is defined. In the full list a fallback placement comes after those of other
 * items, so positions cannot be computed from it: each item is expanded on its own to see which placements it yields.
 */
function whereSaid(placements: HostSettings['placements'], index: number): { item: number; type: string } {
  const wanted = expandPlacements(placements)[index]
  const item = placements.findIndex((one) =>
    expandPlacements([one]).some((placement) => isDeepStrictEqual(placement, wanted)),
  )
  const { types } = placements[item] ?? {}
  return { item, type: types ? `types[${types.indexOf(wanted?.instanceType ?? '')}]` : 'type' }
}
