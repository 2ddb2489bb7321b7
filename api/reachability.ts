import type { ApiDeps } from './deps.ts'

/** Longer than any healthy answer takes, shorter than the patience of who asks. */
const PROBE_TIMEOUT_MS = 2_000
/** One answer serves all who ask within this time: a load balancer's looks cost nothing. */
const KEPT_MS = 1_000

export interface Reachable {
  temporal: boolean
  store: boolean
}

export interface Reachability {
  probe(): Promise<Reachable>
}

/** Asks Temporal for its namespace and the store for anything. */
export function createReachability({ temporal, namespace, store, clock }: ApiDeps): Reachability {
  let kept: { at: number; answer: Promise<Reachable> } | undefined

  async function temporalAnswers(): Promise<boolean> {
    // A deadline of the network: real time, whatever clock the rest runs by.
    const asked = temporal.connection.withDeadline(Date.now() + PROBE_TIMEOUT_MS, () =>
      temporal.workflowService.describeNamespace({ namespace }),
    )
    return await asked.then(yes, no)
  }

  async function storeAnswers(): Promise<boolean> {
    const timeout = new Promise<boolean>((resolve) => setTimeout(resolve, PROBE_TIMEOUT_MS, false).unref())
    return await Promise.race([store.healthy().catch(no), timeout])
  }

  async function ask(): Promise<Reachable> {
    const [temporalUp, storeUp] = await Promise.all([temporalAnswers(), storeAnswers()])
    return { temporal: temporalUp, store: storeUp }
  }

  return {
    async probe() {
      const now = clock()
      if (kept === undefined || now - kept.at >= KEPT_MS || now < kept.at) kept = { at: now, answer: ask() }
      return await kept.answer
    },
  }
}

const yes = (): boolean => true
const no = (): boolean => false
