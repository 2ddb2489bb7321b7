import type { PlacementFields } from './host-schema.ts'
import type { HostFinding } from './problem.ts'
import type { HostSettings } from './types.ts'

/** Rules over the placements of a fleet. */
export function placementRules(
  { placements, policy = 'order' }: HostSettings,
  region: string,
): HostFinding[] {
  const first = new Map<string, number>()
  return placements.flatMap((placement, at) => [
    ...oneType(placement, at),
    ...zoneOf(placement, at, region),
    ...weightOf(placement, at, policy),
    ...twice(placement, at, first),
  ])
}

function oneType({ type, types }: PlacementFields, at: number): HostFinding[] {
  if ((type === undefined) !== (types === undefined)) return []
  const found = type === undefined ? 'neither' : 'both'
  return [{ fields: [['placements', at]], message: `expected either type or types, found ${found}` }]
}

/** Zone ids begin with their region: cn-hangzhou-h, ap-southeast-1a. */
function zoneOf({ zone }: PlacementFields, at: number, region: string): HostFinding[] {
  if (zone.startsWith(region) && /^-?[a-z]$/.test(zone.slice(region.length))) return []
  return [
    {
      fields: [['placements', at, 'zone']],
      message: `expected a zone of cloud.region ${region}, found "${zone}"`,
    },
  ]
}

function weightOf({ weight }: PlacementFields, at: number, policy: string): HostFinding[] {
  if (weight === undefined || policy === 'weighted') return []
  return [
    {
      fields: [['placements', at, 'weight']],
      message: 'expected none with policy order: weights need policy: weighted',
    },
  ]
}

function twice(
  { zone, vSwitch, type, types, spot = false }: PlacementFields,
  at: number,
  first: Map<string, number>,
) {
  const all = types ?? (type === undefined ? [] : [type])
  return all.flatMap((name): HostFinding[] => {
    const place = `${name} in ${zone}${spot === false ? '' : ' (spot)'}`
    const key = `${place} ${vSwitch} ${JSON.stringify(spot)}`
    const before = first.get(key)
    first.set(key, before ?? at)
    if (before === undefined) return []
    return [
      {
        fields: [['placements', at]],
        message: `expected each placement once, found ${place} again (first in placements[${before}])`,
      },
    ]
  })
}
