import { setTimeout as sleep } from 'node:timers/promises'
import type { EcsApi } from './api.ts'
import { MAX_IDS } from './api.ts'
import { EcsError } from './ecs-error.ts'

/** Asks the cloud to delete an instance; resolves when it has accepted that. Who asks again meanwhile joins the first. */
export type Remove = (instanceId: string) => Promise<void>

interface Waiter {
  instanceId: string
  resolve(): void
  reject(error: unknown): void
}

/**
 * Joins deletes of a region: the first goes at once, then one DeleteInstances every `spacingMs` with up to 100 ids. When
 * a call is refused because of what is in it, its halves are tried apart until the bad id is found and the others are
 * accepted.
 */
export function createRemove(options: { ecs: EcsApi; clock: () => number; spacingMs: number }): Remove {
  const { ecs, clock, spacingMs } = options
  const line: Waiter[] = []
  const underWay = new Map<string, Promise<void>>()
  let lastSentAt = Number.NEGATIVE_INFINITY
  let working = false

  async function work(): Promise<void> {
    working = true
    while (line.length > 0) {
      const waitMs = lastSentAt + spacingMs - clock()
      if (waitMs > 0) await sleep(Math.min(waitMs, spacingMs))
      lastSentAt = clock()
      void settle(ecs, line.splice(0, MAX_IDS))
    }
    working = false
  }

  return (instanceId) => {
    const known = underWay.get(instanceId)
    if (known) return known
    const accepted = new Promise<void>((resolve, reject) => {
      line.push({ instanceId, resolve, reject })
      if (!working) void work()
    }).finally(() => underWay.delete(instanceId))
    underWay.set(instanceId, accepted)
    accepted.catch(() => undefined) // a caller may have stopped waiting; those who did not are told
    return accepted
  }
}

/** Sends one batch and answers its waiters; never rejects. Returns the error that stopped it, when asking on is useless. */
async function settle(ecs: EcsApi, batch: Waiter[]): Promise<unknown> {
  try {
    await ecs.deleteInstances(batch.map(({ instanceId }) => instanceId))
    for (const waiter of batch) waiter.resolve()
    return undefined
  } catch (error) {
    if (batch.length > 1 && isAboutContent(error)) return settleHalves(ecs, batch)
    for (const waiter of batch) waiter.reject(error)
    return isAboutContent(error) ? undefined : error
  }
}

async function settleHalves(ecs: EcsApi, batch: Waiter[]): Promise<unknown> {
  const middle = Math.ceil(batch.length / 2)
  const stopped = await settle(ecs, batch.slice(0, middle))
  if (stopped === undefined) return settle(ecs, batch.slice(middle))
  for (const waiter of batch.slice(middle)) waiter.reject(stopped)
  return stopped
}

/** Throttling, a lost connection or a locked account would refuse the halves as well. */
function isAboutContent(error: unknown): boolean {
  return error instanceof EcsError && ['state', 'request', 'gone'].includes(error.fault.class)
}
