import type { Context } from 'hono'
import { verifyEnrollment } from '../../domain/enrollment/token.ts'
import type { EnrollmentClaims } from '../../domain/enrollment/token.ts'
import { MusterError } from '../../domain/errors.ts'
import type { AttemptKey } from '../../domain/ids.ts'
import type { ApiDeps, AppEnv } from '../deps.ts'
import { createLru } from '../lru.ts'
import { createRateLimit } from '../rate.ts'
import { tokenCrypto } from '../../store/token-crypto.ts'

/** Who an agent is, proved by its token. */
export interface AgentIdentity {
  claims: EnrollmentClaims
  key: AttemptKey
  /** `host generation attempt`: one text for maps. */
  name: string
}

/** One beat in 15 s and `started` once fit many times; a restarting agent in a tight loop does not. */
const DEFAULT_RATE = { perSecond: 5, burst: 30 }
/**
 * Posts that become a signal: each stays in a workflow's history, where a beat leaves nothing. A host boots or drains a
 * few times a day; repeated posts of an agent come twice a minute once they have backed off.
 */
export const SIGNAL_RATE = { perSecond: 0.2, burst: 20 }
/** Verified tokens kept, about 400 bytes each: a beat then costs no HMAC. */
const REMEMBERED_TOKENS = 20_000

/** @throws MusterError `unauthorized` or `too_many_requests` */
export type Door = (c: Context<AppEnv>, post: 'beat' | 'signal') => AgentIdentity

/** Lets an agent in: `Authorization: Bearer <enrollment token>`, then the rate of that attempt. */
export function createDoor(
  deps: Pick<ApiDeps, 'controller' | 'enrollmentKeys' | 'agentRate' | 'clock'>,
): Door {
  const verify = createVerifier(deps)
  const take = {
    beat: createRateLimit(deps.agentRate ?? DEFAULT_RATE),
    signal: createRateLimit(deps.agentRate ?? SIGNAL_RATE),
  }
  return function admit(c, post) {
    const header = c.req.header('authorization')
    if (!header?.startsWith('Bearer ')) {
      throw new MusterError(
        'unauthorized',
        'an agent shows its enrollment token: Authorization: Bearer <token>',
      )
    }
    const agent = verify(header.slice('Bearer '.length))
    refuseTooOften(agent.key.host, take[post](agent.name, deps.clock()))
    return agent
  }
}

/** @throws MusterError `too_many_requests` when there is something to wait for */
export function refuseTooOften(who: string, waitMs: number): void {
  if (waitMs === 0) return
  throw new MusterError('too_many_requests', `${who} posts too often; wait ${waitMs} ms`, {
    details: { retryAfterSeconds: Math.ceil(waitMs / 1000) },
  })
}

function createVerifier(
  deps: Pick<ApiDeps, 'controller' | 'enrollmentKeys'>,
): (token: string) => AgentIdentity {
  const verified = createLru<AgentIdentity>(REMEMBERED_TOKENS)
  const secretOf = (keyId: string): string | undefined =>
    Object.hasOwn(deps.enrollmentKeys, keyId) ? deps.enrollmentKeys[keyId] : undefined

  return function verify(token) {
    const known = verified.get(token)
    if (known !== undefined) return known
    const claims = verifyEnrollment(token, secretOf, tokenCrypto)
    if (claims.controller !== deps.controller) {
      throw new MusterError(
        'unauthorized',
        'another installation made this enrollment token; use the one in the user data of this instance',
      )
    }
    const { host, generation, attempt } = claims
    const agent = { claims, key: { host, generation, attempt }, name: `${host} ${generation} ${attempt}` }
    verified.set(token, agent)
    return agent
  }
}
