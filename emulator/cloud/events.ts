/** One system event of an instance, kept after the instance itself is gone. */
export interface SystemEvent {
  eventId: string
  /** Order of making; page tokens count in it. */
  order: number
  instanceId: string
  regionId: string
  /** For example SystemFailure.Delete. */
  type: string
  status: EventStatus
  publishedAtMs: number
  notBeforeMs: number
  finishedAtMs: number | undefined
  reason: string
}

export type EventStatus =
  | 'Scheduled'
  | 'Executing'
  | 'Executed'
  | 'Avoided'
  | 'Canceled'
  | 'Failed'
  | 'Inquiring'

/** The cloud shows 30 days; this bounds memory in long runs. */
const KEPT = 20_000

export interface Events {
  add(event: SystemEvent): void
  nextOrder(): number
  /** Newest first. */
  all(): SystemEvent[]
  ofInstance(instanceId: string): SystemEvent[]
}

export function createEvents(): Events {
  const events: SystemEvent[] = []
  let lastOrder = 0
  return {
    nextOrder: () => lastOrder + 1,
    add(event) {
      lastOrder = Math.max(lastOrder, event.order)
      events.push(event)
      if (events.length > KEPT) events.splice(0, KEPT / 10)
    },
    all: () => events.toReversed(),
    ofInstance: (instanceId) => events.filter((event) => event.instanceId === instanceId).toReversed(),
  }
}
