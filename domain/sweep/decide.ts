import { judgeResource } from './judge-resource.ts'
import type {
  Decided,
  ResourceKind,
  SweepDecision,
  SweepPolicy,
  SweepQuestion,
  SweepVerdict,
} from './types.ts'

/** Nobody claims these. */
const UNCLAIMED: ReadonlySet<SweepVerdict> = new Set(['markOrphan', 'marked', 'delete'])

const NAMES: Record<ResourceKind, string> = {
  instance: 'instances',
  disk: 'disks',
  interface: 'network interfaces',
}

/**
 * What a sweep is to do with what the cloud has. Pure: the same question gives the same answer. Nothing claimed, young,
 * preserved, foreign or unmarked is ever to be deleted, nor anything when more are unclaimed than the limit: then the
 * mistake is more likely ours.
 */
export function decideSweep(question: SweepQuestion): SweepDecision {
  const decided = question.resources.map((resource) => judgeResource(resource, question))
  const alarms = [...alarmOf(decided, 'foreign'), ...alarmOf(decided, 'unreadable')]
  const tooMany = (['instance', 'disk', 'interface'] as const).flatMap((kind) => {
    const why = excess(decided, kind, question)
    return why === undefined ? [] : [{ kind, why }]
  })
  if (tooMany.length === 0) return { decided, alarms }
  const whole = tooMany.map(({ why }) => why).join('; ')
  return {
    decided: decided.map((one) =>
      UNCLAIMED.has(one.verdict)
        ? { ...one, verdict: 'held', reason: `${one.reason}; kept, because too many are unclaimed` }
        : one,
    ),
    alarms: [
      `${whole}: nothing is marked or deleted; look whether Temporal and the cloud are the right ones, then sweep once with a higher limit`,
      ...alarms,
    ],
  }
}

/** How many unclaimed resources of a fleet of this size may be deleted without a person. */
export const sweepLimit = ({ maxOrphans, maxPercent }: SweepPolicy, size: number): number =>
  Math.max(maxOrphans, Math.floor((size * maxPercent) / 100))

/** What the share is taken of, for all fleets together. */
export const wantedHosts = (fleets: SweepQuestion['fleets']): number =>
  Object.values(fleets).reduce((sum, size) => sum + size, 0)

function excess(
  decided: Decided[],
  kind: ResourceKind,
  { fleets, policy }: SweepQuestion,
): string | undefined {
  const byFleet = new Map<string, number>()
  for (const { verdict, host, resource } of decided) {
    if (resource.kind !== kind || host === undefined || !UNCLAIMED.has(verdict)) continue
    const fleet = host.slice(0, host.indexOf('/'))
    byFleet.set(fleet, (byFleet.get(fleet) ?? 0) + 1)
  }
  const all = [...byFleet.values()].reduce((sum, count) => sum + count, 0)
  for (const [fleet, count] of byFleet) {
    // A fleet may be called "constructor", and a tag may name it where there is none.
    const size = Object.hasOwn(fleets, fleet) ? (fleets[fleet] ?? 0) : 0
    const limit = sweepLimit(policy, size)
    if (count > limit) return `${count} ${NAMES[kind]} of fleet ${fleet} are unclaimed, more than ${limit}`
  }
  const limit = sweepLimit(policy, wantedHosts(fleets))
  return all > limit ? `${all} ${NAMES[kind]} are unclaimed, more than ${limit}` : undefined
}

function alarmOf(decided: Decided[], verdict: 'foreign' | 'unreadable'): string[] {
  const found = decided.filter((one) => one.verdict === verdict)
  const [first] = found
  if (!first) return []
  const others = found.length > 1 ? ` and ${found.length - 1} more` : ''
  const { kind, id } = first.resource
  return [
    `${kind} ${id}${others}: ${first.reason}; Muster never touches them: find out who made them, and delete them by hand if they are yours`,
  ]
}
