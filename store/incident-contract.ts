import type { ComponentStatus, Condition, GivenStatus, KnownIncident } from '../domain/status/types.ts'

/**
 * What is on the status page because of us, by page. One report at a time writes here, and a late one changes nothing
 * that a newer one has learned.
 */
export interface IncidentStore {
  /** Those that are not over, the oldest first. */
  list(pageId: string): Promise<KnownIncident[]>
  /**
   * Written before the call that opens it: from here on it may be on the page. A subject that had ended starts over.
   * False when the page has it already, by somebody else's call, or may have it: somebody has asked within `unclearMs`.
   */
  attempt(pageId: string, incident: NewIncident, now: number, unclearMs?: number): Promise<boolean>
  /** The page has certainly not taken it. */
  refused(pageId: string, subject: string): Promise<void>
  /** The page has it; with an audit row, the first time. */
  opened(pageId: string, incident: OpenedIncident, now: number): Promise<void>
  /** The text that the page has by now. */
  updated(pageId: string, subject: string, body: string): Promise<void>
  /** A person has ended it on the page; with an audit row. */
  dismissed(pageId: string, subject: string, now: number): Promise<void>
  /** What it was about is over; with an audit row where it was on the page. */
  over(pageId: string, subject: string, now: number): Promise<void>
  /** What we have made of components, by id. */
  components(pageId: string): Promise<Map<string, GivenStatus>>
  /** Written before the call that sets it: from then on the page may show either. */
  componentAsked(pageId: string, componentId: string, status: ComponentStatus, now: number): Promise<void>
  /** The page has said yes. */
  componentSet(pageId: string, componentId: string, status: ComponentStatus, now: number): Promise<void>
  /** Nothing of ours is left on it. */
  componentLeft(pageId: string, componentId: string): Promise<void>
}

export interface NewIncident extends Pick<Condition, 'kind' | 'about' | 'since' | 'name' | 'body'> {
  subject: string
}

export interface OpenedIncident extends Omit<KnownIncident, 'attemptedAt' | 'dismissedAt'> {
  incidentId: string
  name: string
}
