import type { StartedAnswer, StartedRequest } from '../domain/wire.ts'
import type { Api } from './post.ts'
import { REFUSED_RETRY_MS } from './retry.ts'
import type { Runtime } from './runtime.ts'

/** What a person should look at when `started` is refused. */
const HINTS: Record<number, string> = {
  401: 'the enrollment token is not accepted: is it expired, or was its key dropped? check the clock of this host',
  403: 'the API does not accept this source: check proxies and api.trustedProxies',
  409: 'another instance has this attempt: was this instance started by hand from copied user data?',
}

/**
 * Tells the API `started` until it is accepted. A refusal that an operator may repair (key, clock, proxy, a wrong
 * claim) is asked again once a minute: the instance is worth more alive than dead, and its boot deadline ends a host
 * that stays refused.
 *
 * @returns `gone` when the API proved (410) that this attempt is over
 */
export async function announce(
  api: Api,
  request: StartedRequest,
  runtime: Runtime,
): Promise<StartedAnswer | 'gone'> {
  for (;;) {
    const outcome = await api.post<StartedAnswer>('/v1/agent/started', request)
    if (outcome.kind === 'accepted') return outcome.body
    if (outcome.kind === 'refused') {
      if (outcome.status === 410) return 'gone'
      const hint =
        HINTS[outcome.status] ?? 'the API does not understand this agent: is one of them much older?'
      runtime.log('error', '"started" was refused', { ...outcome, hint, retryMs: REFUSED_RETRY_MS })
    }
    await runtime.sleep(REFUSED_RETRY_MS * (1 - 0.1 * runtime.random()))
  }
}
