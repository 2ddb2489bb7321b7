import type { Attribution } from '../messages.ts'

/** What a report is started with. Page, components and the name of the key's variable are the worker's config. */
export interface ReportInput extends Attribution {
  controller: string
}

/** What became of one report. Plain JSON: the result of the workflow. */
export interface ReportOutcome {
  /** Subjects. */
  opened: string[]
  updated: string[]
  /** Ended on the page, including those that the store no longer knew. */
  resolved: string[]
  /** Found ended by a person. */
  dismissed: string[]
  /** Components by id → the status they were set to. */
  components: Record<string, string>
  /** Incidents of ours that are still open on the page afterwards. */
  open: number
}

export const NOTHING_REPORTED: ReportOutcome = {
  opened: [],
  updated: [],
  resolved: [],
  dismissed: [],
  components: {},
  open: 0,
}

/** "Statuspage agrees: 1 incident open (1 opened, 1 component changed)" */
export function reportSentence({
  opened,
  updated,
  resolved,
  dismissed,
  components,
  open,
}: ReportOutcome): string {
  const changes = [
    counted(opened.length, 'opened'),
    counted(updated.length, 'updated'),
    counted(resolved.length, 'resolved'),
    counted(dismissed.length, 'ended by a person'),
    counted(Object.keys(components).length, 'component status changed'),
  ].filter((text) => text !== undefined)
  const now = open === 0 ? 'no incident open' : `${open} incident${open === 1 ? '' : 's'} open`
  return `Statuspage agrees: ${now}${changes.length === 0 ? '' : ` (${changes.join(', ')})`}`
}

const counted = (count: number, what: string): string | undefined =>
  count === 0 ? undefined : `${count} ${what}`
