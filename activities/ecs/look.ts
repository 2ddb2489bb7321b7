import { mapConcurrently } from '../../domain/map-concurrently.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CloudInstance, EcsApi } from './api.ts'
import { MAX_IDS } from './api.ts'
import { gatherMs } from './grid.ts'

/** The instance as the cloud describes it, or undefined when it knows none of that id (now). */
export type Look = (instanceId: string) => Promise<CloudInstance | undefined>

interface Waiter {
  resolve(instance: CloudInstance | undefined): void
  reject(error: unknown): void
}

type Round = Map<string, Waiter[]>

/** Calls of one round that are under way at the same time. */
const CONCURRENT_CALLS = 5

/**
 * Joins looks at instances of a region: at most one round of DescribeInstances in each cell of the grid, with 100 ids a
 * call. A round stays open for a tenth of the grid; who comes after it waits for the next cell.
 */
export function createLook(options: { ecs: EcsApi; gridMs: number; clock: () => number }): Look {
  const { ecs, gridMs, clock } = options
  let open: Round | undefined
  let lastCell = -1

  function cellOf(at: number): number {
    return Math.floor(at / gridMs)
  }

  function closesInMs(now: number): number {
    const waitMs = cellOf(now) > lastCell ? 0 : (lastCell + 1) * gridMs - now
    return Math.min(waitMs, gridMs) + gatherMs(gridMs) // never longer, should the clock be set back
  }

  async function closeLater(round: Round): Promise<void> {
    await sleep(closesInMs(clock()))
    lastCell = cellOf(clock())
    open = undefined
    await ask(ecs, round)
  }

  return (instanceId) =>
    new Promise((resolve, reject) => {
      if (!open) {
        open = new Map()
        void closeLater(open)
      }
      const waiters = open.get(instanceId) ?? []
      waiters.push({ resolve, reject })
      open.set(instanceId, waiters)
    })
}

/** Answers every waiter of the round; never rejects. */
async function ask(ecs: EcsApi, round: Round): Promise<void> {
  const chunks = chunked([...round.keys()], MAX_IDS)
  await mapConcurrently(chunks, CONCURRENT_CALLS, (ids) => askOnce(ecs, ids, round))
}

async function askOnce(ecs: EcsApi, ids: string[], round: Round): Promise<void> {
  const waitersOf = (id: string) => round.get(id) ?? []
  try {
    const found = new Map(
      (await ecs.describeInstances(ids)).map((instance) => [instance.instanceId, instance]),
    )
    for (const id of ids) for (const waiter of waitersOf(id)) waiter.resolve(found.get(id))
  } catch (error) {
    for (const id of ids) for (const waiter of waitersOf(id)) waiter.reject(error)
  }
}

function chunked(ids: string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(ids.length / size) }, (_, index) =>
    ids.slice(index * size, (index + 1) * size),
  )
}
