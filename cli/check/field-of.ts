import type { HostSettings } from '../../domain/config/types.ts'

/** Beginning of the cloud's code → the field of a fleet's hosts that it is about, and whether it is one of a placement. */
const FIELDS: readonly [RegExp, string, 'placement'?][] = [
  [/^InvalidImage(Id)?\b|^ImageNotSupport/, 'image'],
  [/^InvalidZoneId\b/, 'zone', 'placement'],
  [/^InvalidVSwitchId\b/, 'vSwitch', 'placement'],
  [/^(InvalidInstanceType|InvalidResourceType)\b/, 'type', 'placement'],
  [/^InvalidSpotPriceLimit\b/, 'spot', 'placement'],
  [/^InvalidSecurityGroupId\b/, 'securityGroups'],
  [/^InvalidKeyPair(Name)?\b/, 'keyPair'],
  [/^InvalidRamRole\b/, 'ramRole'],
  [/^Invalid(SystemDisk|DiskCategory)/, 'systemDisk'],
]

/**
 * The field of the config that a refused launch is about: `fleets.render.hosts.placements[1].vSwitch`.
 * @param index of the placement after lists of types are expanded, as specs have them
 */
export function fieldOf(
  code: string,
  fleet: string,
  { placements }: Pick<HostSettings, 'placements'>,
  index: number,
): string | undefined {
  const found = FIELDS.find(([pattern]) => pattern.test(code))
  if (found === undefined) return undefined
  const [, field, where] = found
  const hosts = `fleets.${fleet}.hosts`
  if (where === undefined) return `${hosts}.${field}`
  const paths = placements.flatMap(({ types }, item) =>
    types === undefined ? [{ item, type: 'type' }] : types.map((_, n) => ({ item, type: `types[${n}]` })),
  )
  const { item = 0, type = 'type' } = paths[index] ?? {}
  return `${hosts}.placements[${item}].${field === 'type' ? type : field}`
}
