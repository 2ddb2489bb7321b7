import type { Logger } from 'pino'
import type { HostActivityDeps } from '../../activities/index.ts'
import type { StatuspagePart } from '../../activities/statuspage/index.ts'
import { createCleanup, type Cleanup } from '../../cli/stack/cleanup.ts'
import { ecsOf } from '../../cli/stack/parts.ts'
import type { TemporalPart } from '../../cli/stack/temporal.ts'
import { startWorkers } from '../../cli/stack/worker.ts'
import type { Emulator } from '../../emulator/index.ts'
import type { Store } from '../../store/contract.ts'
import { ENROLLMENT_KEYS } from './names.ts'
import type { WorldClock } from './world-clock.ts'

/** What a worker of these tests may have otherwise than the last one: a deploy. */
export type WorkerChanges = Partial<Pick<HostActivityDeps, 'enrollmentKeys' | 'breaker'>> & {
  statuspage?: StatuspagePart
}

/** Times of the worker that are shorter here than outside. */
export interface WorkerTimes {
  /** Looks at instances are joined on this grid; default 200 ms, so that tests need not wait 5 s. */
  cloudGridMs?: number
  /** How often hosts that cannot beat, and fleets where nothing is to be done, are looked at; default 5 min and 30 s. */
  checkEveryMs?: number
  fleetLookEveryMs?: number
  /** How often such a fleet compares itself with Temporal’s list; default 10 min. */
  fleetResyncEveryMs?: number
  /** How long a fresh id may stay invisible; default 1 s instead of a minute. */
  visibleAfterMs?: number
  /** From a cloud call to giving it up; default 1 s instead of 8 s. */
  cloudTimeoutMs?: number
}

interface WorkerParts {
  temporal: TemporalPart
  store: Store
  emulator: Emulator
  log: Logger
  clock: WorldClock
}

/** The workers of a world: ended and begun again at will. */
export interface Workers {
  readonly start: (changes?: WorkerChanges) => Promise<void>
  readonly stop: () => Promise<void>
}

export function workersOf(
  times: WorkerTimes,
  { temporal, store, emulator, log, clock }: WorkerParts,
): Workers {
  const { cloudGridMs = 200, visibleAfterMs = 1_000, cloudTimeoutMs = 1_000 } = times
  const { checkEveryMs, fleetLookEveryMs, fleetResyncEveryMs } = times
  const { endpoint, credentials } = emulator
  let running: Cleanup | undefined
  async function stop(): Promise<void> {
    await running?.run()
    running = undefined
  }
  return {
    stop,
    async start(changes) {
      await stop()
      running = createCleanup((name, error) =>
        log.error({ err: error, name }, 'a worker did not end in order'),
      )
      const ecs = ecsOf({ endpoint, protocol: 'http', credentials, timeoutMs: cloudTimeoutMs })
      const enrollmentKeys = (id: string) => (ENROLLMENT_KEYS as Record<string, string>)[id]
      const deps = {
        ecs,
        store,
        clock: clock.now,
        enrollmentKeys,
        log,
        cloudGridMs,
        visibleAfterMs,
        ...(checkEveryMs !== undefined && { checkEveryMs }),
        ...(fleetLookEveryMs !== undefined && { lookEveryMs: fleetLookEveryMs }),
        ...(fleetResyncEveryMs !== undefined && { resyncEveryMs: fleetResyncEveryMs }),
        ...changes,
      }
      await startWorkers({ temporal, regions: ['cn-hangzhou'], deps, log }, running)
    },
  }
}
