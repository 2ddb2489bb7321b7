import type { Outcome } from '../dispatch.ts'
import { CloudError, isKnownCode, refuse } from '../errors.ts'
import type { Reply } from '../format/reply.ts'
import type { CallEffect, FaultState } from './faults.ts'

export interface Conditions {
  stockOut: boolean
  delayMs: number
}

type Work = (conditions: Conditions) => Promise<Record<string, unknown>>

type Strike = (work: Work, success: (body: Record<string, unknown>) => Reply) => Promise<Outcome>
const PLAIN: Conditions = { stockOut: false, delayMs: 0 }

/** Does the work, or what a fault does to it instead. */
export function strike(
  fault: (FaultState & { effect: CallEffect }) | undefined,
  ...done: Parameters<Strike>
): Promise<Outcome> {
  return (fault === undefined ? answered(PLAIN) : strikeOf(fault.effect))(...done)
}

function answered(conditions: Conditions): Strike {
  return async (work, success) => ({ kind: 'reply', reply: success(await work(conditions)) })
}

function strikeOf(effect: CallEffect): Strike {
  switch (effect.type) {
    case 'error':
      return () => Promise.reject(injected(effect.code, effect.httpStatus, effect.message))
    case 'throttle':
      return () => Promise.reject(throttled(effect.code, effect.retryAfterMs))
    case 'htmlBody':
      return () => Promise.resolve({ kind: 'reply', reply: htmlReply(effect.status, effect.body) })
    case 'hang':
      return async (work) => {
        if (effect.when === 'after') await work(PLAIN)
        return { kind: 'hang', seconds: effect.seconds }
      }
    case 'resetBefore':
      return () => Promise.resolve({ kind: 'reset' })
    case 'resetAfter':
      return async (work) => {
        await work(PLAIN)
        return { kind: 'reset' }
      }
    case 'delay':
      return answered({ ...PLAIN, delayMs: effect.ms })
    case 'stockOut':
      return answered({ ...PLAIN, stockOut: true })
  }
}

function injected(code: string, status: number | undefined, message: string | undefined): CloudError {
  const known = isKnownCode(code) ? refuse(code) : undefined
  return new CloudError(
    code,
    status ?? known?.status ?? 400,
    message ?? known?.message ?? 'The request was refused.',
  )
}

function throttled(code: string, retryAfterMs: number | undefined): CloudError {
  const headers = retryAfterMs === undefined ? {} : { 'x-acs-retry-after': String(retryAfterMs) }
  return new CloudError(code, 400, 'Request was denied due to user flow control.', headers)
}

const GATEWAY_PAGE = '<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>'

function htmlReply(status: number, body: string | undefined): Reply {
  return { status, contentType: 'text/html', headers: {}, body: body ?? GATEWAY_PAGE }
}
