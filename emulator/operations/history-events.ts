import type { EventStatus, SystemEvent } from '../cloud/events.ts'
import { regionOf, secondTime } from './common.ts'
import { OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation } from './operation.ts'
import { pageFields, pageOf } from './paging.ts'

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
  },
  handle({ cloud, parameters }) {
    const { regionId } = regionOf(cloud, parameters)
    const instanceId = parameters.text('InstanceId')
    const oneStatus = parameters.text('EventCycleStatus')
    const oneType = parameters.text('EventType')
    const several = parameters.list('InstanceEventCycleStatus')
    const statuses = several.length > 0 ? several : oneStatus === undefined ? OVER : [oneStatus]
    const types = [...parameters.list('InstanceEventType'), ...(oneType === undefined ? [] : [oneType])]
    const eventIds = parameters.list('EventId')
    const resourceIds = parameters.list('ResourceId')
    const published = between(
      parameters.text('EventPublishTime.Start'),
      parameters.text('EventPublishTime.End'),
    )
    const due = between(parameters.text('NotBefore.Start'), parameters.text('NotBefore.End'))
    const oldest = cloud.clock.now() - KEPT_MS
    const found = (instanceId === undefined ? cloud.events.all() : cloud.events.ofInstance(instanceId))
      .filter((event) => event.regionId === regionId && event.publishedAtMs >= oldest)
      .filter(
        (event) => statuses.includes(event.status) && (types.length === 0 || types.includes(event.type)),
      )
      .filter((event) => eventIds.length === 0 || eventIds.includes(event.eventId))
      .filter((event) => resourceIds.length === 0 || resourceIds.includes(event.instanceId))
      .filter((event) => published(event.publishedAtMs) && due(event.notBeforeMs))
    const { items, ...numbers } = pageOf(found, parameters)
    return {
      InstanceSystemEventSet: { InstanceSystemEventType: items.map(eventView) },
      ...numbers,
      NextToken: '',
    }
  },
}

function between(start: string | undefined, end: string | undefined): (ms: number) => boolean {
  const from = start === undefined ? Number.NEGATIVE_INFINITY : Date.parse(start)
  const to = end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end)
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
