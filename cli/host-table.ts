import type { HostView } from './client/answers.ts'
import { age, table } from './output.ts'

/** Hosts for people: one line each. */
export function hostTable(hosts: HostView[], nowMs: number): string {
  if (hosts.length === 0) return 'no hosts'
  return table(
    ['host', 'phase', 'for', 'attempt', 'instance', 'where', 'address', 'reason'],
    hosts.map((row) => [
      row.host,
      row.wish === undefined ? row.phase : `${row.phase}, to ${row.wish}`,
      age(Date.parse(row.phaseSince), nowMs),
      String(row.attempt),
      row.instanceId ?? '–',
      row.zone === undefined ? '–' : `${row.instanceType ?? ''} in ${row.zone}`,
      row.privateIp ?? '–',
      row.reason,
    ]),
  )
}
