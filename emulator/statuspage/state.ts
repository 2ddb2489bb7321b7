export const COMPONENT_STATUSES = [
  'operational',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  '',
] as const
export type ComponentStatus = (typeof COMPONENT_STATUSES)[number]

export const IMPACTS = ['none', 'maintenance', 'minor', 'major', 'critical'] as const
export type Impact = (typeof IMPACTS)[number]

export const REALTIME_STATUSES = ['investigating', 'identified', 'monitoring', 'resolved'] as const
export const SCHEDULED_STATUSES = ['scheduled', 'in_progress', 'verifying', 'completed'] as const
export type IncidentStatus = (typeof REALTIME_STATUSES)[number] | (typeof SCHEDULED_STATUSES)[number]

export interface Page {
  id: string
  name: string
  createdAtMs: number
}

export interface Component {
  id: string
  pageId: string
  name: string
  description: string | null
  status: ComponentStatus
  position: number
  showcase: boolean
  onlyShowIfDegraded: boolean
  startDate: string | null
  createdAtMs: number
  updatedAtMs: number
}

export interface IncidentUpdate {
  id: string
  status: IncidentStatus
  body: string
  atMs: number
  deliverNotifications: boolean
  affected: { code: string; name: string; old_status: ComponentStatus; new_status: ComponentStatus }[]
}

export interface Incident {
  id: string
  pageId: string
  name: string
  status: IncidentStatus
  impactOverride: Impact | null
  metadata: Record<string, object>
  /** Newest first. */
  updates: IncidentUpdate[]
  componentIds: string[]
  scheduledFor: string | null
  scheduledUntil: string | null
  createdAtMs: number
  updatedAtMs: number
  monitoringAtMs: number | null
  resolvedAtMs: number | null
}

/** What the pages are and show. */
export interface Saved {
  pages: Page[]
  components: Component[]
  incidents: Incident[]
}

export type SavedKind = keyof Saved

/** Told of every change, so that it survives a restart. */
export interface PageJournal {
  put(kind: SavedKind, value: Page | Component | Incident): void
  gone(kind: SavedKind, id: string): void
}

/** The pages' contents, by id. */
export interface PageState {
  /** Twelve characters, as the service gives. */
  newId(): string
  readonly pages: ReadonlyMap<string, Page>
  component(pageId: string, id: string): Component | undefined
  incident(pageId: string, id: string): Incident | undefined
  /** By position. */
  components(pageId: string): Component[]
  /** Newest first. */
  incidents(pageId: string): Incident[]
  putPage(page: Page): void
  putComponent(component: Component): void
  putIncident(incident: Incident): void
  removeComponent(id: string): void
  removeIncident(id: string): void
}

export function createPageState(saved: Saved, newId: () => string, journal: PageJournal): PageState {
  const byId = <T extends { id: string }>(list: T[]) => new Map(list.map((one) => [one.id, one]))
  const pages = byId(saved.pages)
  const components = byId(saved.components)
  const incidents = byId(saved.incidents)
  const ofPage = <T extends { pageId: string }>(all: Map<string, T>, pageId: string): T[] =>
    [...all.values()].filter((one) => one.pageId === pageId)
  const owned = <T extends { pageId: string }>(one: T | undefined, pageId: string): T | undefined =>
    one?.pageId === pageId ? one : undefined
  return {
    newId,
    pages,
    component: (pageId, id) => owned(components.get(id), pageId),
    incident: (pageId, id) => owned(incidents.get(id), pageId),
    components: (pageId) => ofPage(components, pageId).toSorted((a, b) => a.position - b.position),
    incidents: (pageId) => ofPage(incidents, pageId).toReversed(),
    putPage(page) {
      pages.set(page.id, page)
      journal.put('pages', page)
    },
    putComponent(component) {
      components.set(component.id, component)
      journal.put('components', component)
    },
    putIncident(incident) {
      incidents.set(incident.id, incident)
      journal.put('incidents', incident)
    },
    removeComponent(id) {
      components.delete(id)
      journal.gone('components', id)
    },
    removeIncident(id) {
      incidents.delete(id)
      journal.gone('incidents', id)
    },
  }
}
