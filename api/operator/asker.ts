import type { Context } from 'hono'
import type { AppEnv } from '../deps.ts'
import type { Asker } from './actions.ts'

/** Who asks in this request; its guard has set the actor, and the schema has looked at the key. */
export function askerOf(c: Context<AppEnv>): Asker {
  const idempotencyKey = c.req.header('idempotency-key')
  return {
    actor: c.get('actor'),
    requestId: c.get('requestId'),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  }
}
