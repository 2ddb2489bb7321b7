import type { Cloud } from '../cloud/cloud.ts'
import type { EventStatus, SystemEvent } from '../cloud/events.ts'
import { refuse } from '../errors.ts'
import type { Parameters } from '../fields.ts'
import { regionOf, secondTime } from './common.ts'
import { OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation } from './operation.ts'
import { maxResults, pageFields, pageOf, TOKEN_FIELDS, tokenPage, wantsTokens } from './paging.ts'

const STATUSES = ['Scheduled', 'Executing', 'Executed', 'Avoided', 'Canceled', 'Failed', 'Inquiring'] as const
/** What is shown when no status is asked for: events that are over. */
const OVER: readonly string[] = ['Avoided', 'Executed', 'Canceled', 'Failed']
const KEPT_MS = 30 * 24 * 60 * 60_000

export const describeInstanceHistoryEvents: Operation = {
  summary: 'Lists system events of 30 days, also of instances that are gone',
  fields: {
    ...OWNER_FIELDS,
    RegionId: REGION_FIELD,
    InstanceId: { type: 'string' },
    'ResourceId.N': { type: 'string' },
    'EventId.N': { type: 'string' },
    EventCycleStatus: { type: 'string', values: STATUSES },
    'InstanceEventCycleStatus.N': { type: 'string', values: STATUSES },
    EventType: { type: 'string' },
    'InstanceEventType.N': { type: 'string' },
    'EventPublishTime.Start': { type: 'string' },
    'EventPublishTime.End': { type: 'string' },
    'NotBefore.Start': { type: 'string' },
    'NotBefore.End': { type: 'string' },
    ...pageFields(100),
    ...TOKEN_FIELDS,
  },
  handle({ cloud, parameters }) {
    const found = eventsOf(cloud, parameters)
    const view = (events: readonly SystemEvent[]): Record<string, unknown> => ({
      InstanceSystemEventSet: { InstanceSystemEventType: events.map(eventView) },
    })
    if (wantsTokens(parameters)) {
      const page = tokenPage(found, parameters, maxResults(parameters), (event) => event.order)
      return { ...view(page.items), NextToken: page.NextToken, TotalCount: found.length }
    }
    const { items, ...numbers } = pageOf(found, parameters)
    return { ...view(items), ...numbers, NextToken: '' }
  },
}

function eventsOf(cloud: Cloud, parameters: Parameters): SystemEvent[] {
  const { regionId } = regionOf(cloud, parameters)
  const instanceId = parameters.text('InstanceId')
  const statuses = wanted(parameters, 'InstanceEventCycleStatus', 'EventCycleStatus')
  const types = wanted(parameters, 'InstanceEventType', 'EventType')
  const eventIds = parameters.list('EventId')
  const resourceIds = parameters.list('ResourceId')
  const published = between(parameters, 'EventPublishTime')
  const due = between(parameters, 'NotBefore')
  const oldest = cloud.clock.now() - KEPT_MS
  return (instanceId === undefined ? cloud.events.all() : cloud.events.ofInstance(instanceId))
    .filter((event) => event.regionId === regionId && event.publishedAtMs >= oldest)
    .filter((event) => (statuses.length === 0 ? OVER : statuses).includes(event.status))
    .filter((event) => types.length === 0 || types.includes(event.type))
    .filter((event) => eventIds.length === 0 || eventIds.includes(event.eventId))
    .filter((event) => resourceIds.length === 0 || resourceIds.includes(event.instanceId))
    .filter((event) => published(event.publishedAtMs) && due(event.notBeforeMs))
}

/** The list wins over the single value, as the reference says. */
function wanted(parameters: Parameters, list: string, single: string): string[] {
  const several = parameters.list(list)
  const one = parameters.text(single)
  return several.length > 0 || one === undefined ? several : [one]
}

function between(parameters: Parameters, name: string): (ms: number) => boolean {
  const start = parameters.text(`${name}.Start`)
  const end = parameters.text(`${name}.End`)
  const from = start === undefined ? Number.NEGATIVE_INFINITY : Date.parse(start)
  const to = end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end)
  if (Number.isNaN(from) || Number.isNaN(to)) throw refuse('InvalidParameter', name)
  return (ms) => ms >= from && ms <= to
}

/** The cloud's numbers, as far as its documentation shows them; the others are left out of answers. */
const STATUS_CODES: Partial<Record<EventStatus, number>> = { Executed: 0, Avoided: 8, Scheduled: 24 }

function eventView(event: SystemEvent): Record<string, unknown> {
  return {
    EventId: event.eventId,
    InstanceId: event.instanceId,
    ResourceType: 'instance',
    EventType: { Name: event.type },
    EventCycleStatus: { Code: STATUS_CODES[event.status], Name: event.status },
    EventPublishTime: secondTime(event.publishedAtMs),
    NotBefore: secondTime(event.notBeforeMs),
    EventFinishTime: event.finishedAtMs === undefined ? '' : secondTime(event.finishedAtMs),
    Reason: event.reason,
    ReasonCode: '',
    ImpactLevel: '100',
    ExtendedAttribute: { InactiveDisks: { InactiveDisk: [] } },
  }
}
