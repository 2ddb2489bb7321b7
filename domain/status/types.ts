/** What a component of a status page can be; `under_maintenance` is for people alone. */
export const COMPONENT_STATUSES = [
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'under_maintenance',
] as const
export type ComponentStatus = (typeof COMPONENT_STATUSES)[number]

export type IncidentKind = 'hold' | 'freeze'

/** Something that is wrong now, in words for people who do not know Muster. Equal facts give equal words. */
export interface Condition {
  kind: IncidentKind
  /** What it is about: `hold/12/2026-01-01T10:00:00.000Z`, `freeze/render`. */
  about: string
  /** As seen now, ms since 1970. */
  since: number
  /** At most 255 characters. */
  name: string
  body: string
  impact: 'minor' | 'major' | 'critical'
  /** Fleets that it concerns, in order of name: at least one. */
  fleets: string[]
  /** Of the components of those fleets. */
  status: Exclude<ComponentStatus, 'operational' | 'under_maintenance'>
}

/** An incident of ours that is not over, as the store knows it. Instants in ms since 1970. */
export interface KnownIncident {
  /** Names it for good, on the page too: {@link subjectOf}. */
  subject: string
  kind: IncidentKind
  about: string
  since: number
  /** Absent: the page has not said that it has it. */
  incidentId?: string
  /** When it was last asked for; absent again once it is known that the page has not taken it. */
  attemptedAt?: number
  /** A person has ended it on the page: left alone until what it is about is over. */
  dismissedAt?: number
  /** Last text sent. */
  body: string
}

/** An incident that is on the page and carries the mark of this installation. */
export interface PageIncident {
  id: string
  subject: string
  name: string
  /** Last text. */
  body: string
}

/** What we have made of a component. */
export interface GivenStatus {
  /** The page has said yes to it. */
  status?: ComponentStatus
  /** Requested since then without a clear answer: any of them may be set there. */
  asked?: ComponentStatus[]
}

/** Names one episode: the same fleet may freeze again tomorrow. */
export const subjectOf = ({ about, since }: Pick<Condition, 'about' | 'since'>): string =>
  `${about}@${new Date(since).toISOString()}`

/** What a subject is about, and since when; undefined for a text that is none of ours. */
export function readSubject(
  subject: string,
): { kind: IncidentKind; about: string; since: number } | undefined {
  const [, about = '', kind, instant = ''] = /^((hold|freeze)\/.+)@([^@]+)$/.exec(subject) ?? []
  const since = Date.parse(instant)
  if ((kind !== 'hold' && kind !== 'freeze') || Number.isNaN(since)) return undefined
  return { kind, about, since }
}
