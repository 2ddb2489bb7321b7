import type { Component, Incident, Page, PageState } from './state.ts'

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

export const pageView = ({ id, name, createdAtMs }: Page) => ({
  id,
  name,
  created_at: instant(createdAtMs),
  updated_at: instant(createdAtMs),
  page_description: null,
  headline: null,
  subdomain: id,
  domain: null,
  url: null,
  time_zone: 'UTC',
})

export const componentView = (one: Component) => ({
  id: one.id,
  page_id: one.pageId,
  group_id: null,
  created_at: instant(one.createdAtMs),
  updated_at: instant(one.updatedAtMs),
  group: false,
  name: one.name,
  description: one.description,
  position: one.position,
  status: one.status,
  showcase: one.showcase,
  only_show_if_degraded: one.onlyShowIfDegraded,
  automation_email: null,
  start_date: one.startDate,
})

const IMPACT_OF = {
  operational: 'none',
  '': 'none',
  under_maintenance: 'maintenance',
  degraded_performance: 'minor',
  partial_outage: 'major',
  major_outage: 'critical',
} as const
const ORDER = ['none', 'maintenance', 'minor', 'major', 'critical'] as const

/** The worst of its components, unless it was overridden. */
export function impactOf(one: Incident, state: PageState): (typeof ORDER)[number] {
  if (one.impactOverride !== null) return one.impactOverride
  const ranks = one.componentIds.map((id) =>
    ORDER.indexOf(IMPACT_OF[state.component(one.pageId, id)?.status ?? '']),
  )
  return ORDER[Math.max(0, ...ranks)] ?? 'none'
}

export const incidentView = (one: Incident, state: PageState) => ({
  id: one.id,
  page_id: one.pageId,
  name: one.name,
  status: one.status,
  impact: impactOf(one, state),
  impact_override: one.impactOverride,
  created_at: instant(one.createdAtMs),
  updated_at: instant(one.updatedAtMs),
  monitoring_at: instant(one.monitoringAtMs),
  resolved_at: instant(one.resolvedAtMs),
  scheduled_for: one.scheduledFor,
  scheduled_until: one.scheduledUntil,
  metadata: one.metadata,
  shortlink: `http://stspg.io/${one.id}`,
  postmortem_body: null,
  components: one.componentIds.flatMap((id) => {
    const found = state.component(one.pageId, id)
    return found === undefined ? [] : [componentView(found)]
  }),
  incident_updates: one.updates.map((update) => ({
    id: update.id,
    incident_id: one.id,
    status: update.status,
    body: update.body,
    created_at: instant(update.atMs),
    updated_at: instant(update.atMs),
    display_at: instant(update.atMs),
    affected_components: update.affected.length === 0 ? null : update.affected,
    deliver_notifications: update.deliverNotifications,
    wants_twitter_update: false,
    custom_tweet: null,
    tweet_id: null,
    twitter_updated_at: null,
  })),
})
