import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  continueAsNew,
  proxyActivities,
  setHandler,
  upsertSearchAttributes,
  defineQuery,
  defineSignal,
  defineUpdate,
} from '@temporalio/workflow'
import { defineSearchAttributeKey } from '@temporalio/common'
import { FLEET_UPDATES, HOST_SIGNALS, HOST_UPDATES } from '../../domain/messages.ts'

/** A workflow in the place of a host or fleet, that does what a test tells it and remembers what it was sent. */
export interface StandInState {
  signals: { name: string; payload: unknown }[]
}

export interface Tell {
  phase?: string
  attempt?: number
  /** Begins the async activity under this id. */
  watch?: string
  /** Cancels the activity. */
  cancelWatch?: boolean
  continueAsNew?: boolean
  end?: boolean
}

export const tellSignal = defineSignal<[Tell]>('tell')
export const receivedQuery = defineQuery<StandInState['signals']>('received')

const activities = (id: string) =>
  proxyActivities<{ watchAgent(): Promise<void> }>({
    activityId: id,
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '1 minute',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 1 },
  })

export async function standIn(state: StandInState = { signals: [] }): Promise<void> {
  const received = state.signals
  const orders: Tell[] = []
  const scope = new CancellationScope()
  for (const name of Object.values(HOST_SIGNALS)) {
    setHandler(defineSignal<[unknown]>(name), (payload) => void received.push({ name, payload }))
  }
  for (const name of [...HOST_WISHES, ...FLEET_WISHES]) {
    setHandler(defineUpdate<unknown, [UpdatePayload]>(name), answer(name, received), { validator: refuse })
  }
  setHandler(receivedQuery, () => received)
  setHandler(tellSignal, (order) => void orders.push(order))
  for (;;) {
    await condition(() => orders.length > 0)
    const order = orders.shift() ?? {}
    obey(order, scope)
    if (order.end === true) return
    if (order.continueAsNew === true) await continueAsNew<typeof standIn>({ signals: received })
  }
}

const HOST_WISHES: string[] = Object.values(HOST_UPDATES)
const FLEET_WISHES: string[] = Object.values(FLEET_UPDATES)

interface UpdatePayload {
  why: string
  size?: number
}

function refuse({ why }: UpdatePayload): void {
  if (why.startsWith('refuse')) throw new Error('not while it is being tested')
}

function answer(name: string, received: StandInState['signals']) {
  return (payload: UpdatePayload): unknown => {
    received.push({ name, payload })
    const fleet = FLEET_WISHES.includes(name)
    return fleet
      ? { name: 'render', desired: payload.size ?? 3, paused: name === 'pause', specHash: 'abc' }
      : { phase: 'draining', attempt: 1, generation: 'g' }
  }
}

function obey({ phase, attempt, watch, cancelWatch }: Tell, scope: CancellationScope): void {
  if (phase !== undefined) {
    upsertSearchAttributes([{ key: defineSearchAttributeKey('MusterPhase', 'KEYWORD'), value: phase }])
  }
  if (attempt !== undefined) {
    upsertSearchAttributes([{ key: defineSearchAttributeKey('MusterAttempt', 'INT'), value: attempt }])
  }
  if (watch !== undefined) {
    scope.run(() => activities(watch).watchAgent()).catch(() => undefined)
  }
  if (cancelWatch === true) scope.cancel()
}
