import { touches, type Hold } from '../breaker/hold.ts'
import type { Frozen } from '../fleet/types.ts'
import type { HostSpec } from '../spec.ts'
import type { Condition } from './types.ts'
import { freezeWords, holdWords } from './words.ts'

/** What is so, of all that may be reported to a status page. */
export interface Situation {
  /** Those that are not closed, of all regions. */
  holds: (Hold & { region: string })[]
  fleets: FleetSituation[]
}

export interface FleetSituation {
  name: string
  frozen?: Pick<Frozen, 'since' | 'silent' | 'of'>
  /** What new hosts are made of; absent: not known. */
  spec?: Pick<HostSpec, 'region' | 'imageId' | 'placements'>
}

/**
 * What is wrong now, the oldest first. A hold that stops no launch of any fleet affects nobody, and is left out.
 *
 * @param begun since when it is reported already, by what it is about: fleets say the instant of a freeze again with
 *    every look, a few milliseconds apart, and one episode has one beginning
 */
export function conditionsOf(
  { holds, fleets }: Situation,
  begun: ReadonlyMap<string, number> = new Map(),
): Condition[] {
  const held = holds.flatMap((hold) => {
    const concerned = fleets.filter((fleet) => isStopped(fleet, hold)).map(({ name }) => name)
    return concerned.length === 0 ? [] : [heldCondition(hold, concerned.toSorted())]
  })
  const frozen = fleets.flatMap(({ name, frozen: freeze }) =>
    freeze === undefined ? [] : [frozenCondition(name, freeze, begun)],
  )
  return [...held, ...frozen].toSorted((a, b) => a.since - b.since || (a.about < b.about ? -1 : 1))
}

/** True when the hold stops launches of this fleet, in one of its places at least. */
function isStopped({ name, spec }: FleetSituation, hold: Hold & { region: string }): boolean {
  if (hold.scope === 'fleet') return hold.fleet === name
  if (spec === undefined || spec.region !== hold.region) return false
  return spec.placements.some(({ zone, instanceType }) =>
    touches(hold, { imageId: spec.imageId, zone, instanceType, fleet: name }),
  )
}

function heldCondition(hold: Hold, fleets: string[]): Condition {
  const isPlacement = hold.scope === 'placement'
  return {
    kind: 'hold',
    // The instant, too: a store that was created again counts from one.
    about: `hold/${hold.id}/${new Date(hold.openedAt).toISOString()}`,
    since: hold.openedAt,
    ...holdWords(hold, fleets),
    impact: isPlacement ? 'minor' : 'major',
    fleets,
    // Elsewhere hosts of these fleets may still be made.
    status: isPlacement ? 'degraded_performance' : 'partial_outage',
  }
}

function frozenCondition(
  fleet: string,
  frozen: NonNullable<FleetSituation['frozen']>,
  begun: ReadonlyMap<string, number>,
): Condition {
  const about = `freeze/${fleet}`
  const since = begun.get(about) ?? frozen.since
  const isAll = frozen.silent >= frozen.of
  return {
    kind: 'freeze',
    about,
    since,
    ...freezeWords(fleet, { ...frozen, since }),
    impact: isAll ? 'critical' : 'major',
    fleets: [fleet],
    status: isAll ? 'major_outage' : 'partial_outage',
  }
}
