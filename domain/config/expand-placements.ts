import type { Placement } from '../spec.ts'
import type { PlacementFields } from './host-schema.ts'

/**
 * Placements as launches know them: one for each type of a list. The on-demand twins of spot placements with a fallback
 * stand behind the last of these, in their order, so that any spot comes before any fallback; where the file names the
 * same on-demand placement itself, that one stands.
 */
export function expandPlacements(fields: PlacementFields[]): Placement[] {
  const said = fields.map((field) => ({ field, placements: expand(field) }))
  const lastSpot = said.findLastIndex(({ field }) => hasFallback(field))
  const known = new Set(said.flatMap(({ placements }) => placements).map(keyOf))
  const twins: Placement[] = []
  for (const spot of said.flatMap(({ field, placements }) => (hasFallback(field) ? placements : []))) {
    const twin = twinOf(spot)
    if (!known.has(keyOf(twin))) twins.push(twin)
    known.add(keyOf(twin))
  }
  return said.flatMap(({ placements }, at) => (at === lastSpot ? [...placements, ...twins] : placements))
}

const hasFallback = ({ spot }: PlacementFields): boolean => typeof spot === 'object' && spot.fallback === true

const keyOf = ({ zone, vSwitchId, instanceType, spot }: Placement): string =>
  [zone, vSwitchId, instanceType, spot !== undefined].join(' ')

const twinOf = ({ spot: _spot, ...same }: Placement): Placement => ({ ...same, fallback: true })

function expand({ zone, vSwitch, type, types, spot, weight }: PlacementFields): Placement[] {
  const limit =
    typeof spot === 'object' && spot.priceLimit !== undefined ? { priceLimit: spot.priceLimit } : {}
  return (types ?? (type === undefined ? [] : [type])).map((instanceType) => ({
    zone,
    vSwitchId: vSwitch,
    instanceType,
    ...(spot !== undefined && spot !== false && { spot: limit }),
    ...(weight !== undefined && { weight }),
  }))
}
