import { MAX_LINES } from './types.ts'
import type { ResourceKind, SweepLine, SweepReport, SweepVerdict } from './types.ts'

/** What people want to read first. */
const WEIGHT: Record<SweepVerdict, number> = {
  delete: 0,
  held: 1,
  markOrphan: 2,
  unmark: 3,
  marked: 4,
  foreign: 5,
  unreadable: 6,
  doubtful: 7,
  preserved: 8,
  tooYoung: 9,
  claimed: 10,
}

/** Verdicts as people say them. */
export const VERDICT_WORDS: Record<SweepVerdict, string> = {
  delete: 'unclaimed, due',
  held: 'unclaimed, held back',
  markOrphan: 'unclaimed, new',
  unmark: 'claimed again',
  marked: 'unclaimed, waits',
  foreign: 'of another installation',
  unreadable: 'with unreadable tags',
  doubtful: 'in doubt',
  preserved: 'kept for a person',
  tooYoung: 'too young to judge',
  claimed: 'in use',
}

/** Sums up a sweep; what is simply claimed is only counted. */
export function sweepReport(
  head: Pick<SweepReport, 'at' | 'dryRun' | 'policy' | 'missing' | 'alarms'> & { abandoned?: string },
  lines: SweepLine[],
): SweepReport {
  const counts: SweepReport['counts'] = { instance: {}, disk: {}, interface: {} }
  for (const { kind, verdict } of lines) counts[kind][verdict] = (counts[kind][verdict] ?? 0) + 1
  const told = lines
    .filter(({ verdict }) => verdict !== 'claimed')
    .toSorted((a, b) => WEIGHT[a.verdict] - WEIGHT[b.verdict])
  const done = (verdict: SweepVerdict) =>
    lines.filter((line) => line.verdict === verdict && line.outcome === 'done').length
  return {
    ...head,
    counts,
    marked: done('markOrphan'),
    unmarked: done('unmark'),
    deleted: done('delete'),
    lines: told.slice(0, MAX_LINES),
    more: Math.max(0, told.length - MAX_LINES),
    // Missing hosts and alarms can be as many as there are hosts.
    missing: head.missing.slice(0, MAX_LINES),
    alarms: head.alarms.slice(0, MAX_LINES),
  }
}

/** One sentence about a sweep. */
export function sweepSentence(report: SweepReport): string {
  const { abandoned, counts, dryRun, marked, deleted, unmarked, alarms } = report
  if (abandoned !== undefined) return `nothing was done: ${abandoned}`
  const seen = (kind: ResourceKind) => Object.values(counts[kind]).reduce((sum, count) => sum + count, 0)
  const found = `${seen('instance')} instances, ${seen('disk')} free disks, ${seen('interface')} free interfaces`
  const did = dryRun
    ? 'nothing was changed: this was a dry run'
    : `${marked} marked, ${deleted} deleted, ${unmarked} unmarked`
  return `${found}; ${did}${alarms.length > 0 ? `; ${alarms.length} to look at` : ''}`
}
