import { MusterError } from '../../domain/errors.ts'
import type { ErrorCode } from '../../domain/errors.ts'
import type { FaultClass } from './errors.ts'

/** All that is kept of a call that failed. */
export interface EcsFault {
  action: string
  /** The cloud's code, or one of ours for calls without a readable answer: see `faultOf`. */
  code: string
  class: FaultClass
  httpStatus?: number
  requestId?: string
  /** Cleaned: see `cleanMessage`. */
  message: string
  /** The cloud's own wish (`x-acs-retry-after`). */
  retryAfterMs?: number
  /** True when the cloud may have obeyed all the same. */
  maybeDone: boolean
}

const CODES: Record<FaultClass, ErrorCode> = {
  retry: 'unavailable',
  state: 'unavailable',
  capacity: 'unavailable',
  account: 'unprocessable',
  request: 'unprocessable',
  gone: 'gone',
}

/** A call to the cloud that failed. It has no `cause`: the SDK's errors hold the request's URL, with user data. */
export class EcsError extends MusterError {
  readonly fault: EcsFault

  constructor(fault: EcsFault) {
    const status = fault.httpStatus === undefined ? '' : `HTTP ${fault.httpStatus}, `
    const request = fault.requestId === undefined ? '' : `, request ${fault.requestId}`
    super(CODES[fault.class], `${fault.action}: ${fault.message} (${status}${fault.code}${request})`, {
      details: { action: fault.action, code: fault.code, class: fault.class },
    })
    this.fault = fault
  }
}
