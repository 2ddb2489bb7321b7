/**
 * - refused: key, page or component is not what the page has: a person must act
 * - invalid: the page does not take what was sent: our mistake, or a limit of the page
 * - limited: too many requests; certainly not done
 * - missing: no such incident or component; certainly not done
 * - unclear: no answer, or none that says whether it was done
 */
export type StatuspageFault = 'refused' | 'invalid' | 'limited' | 'missing' | 'unclear'

/** A call of the Statuspage API that went wrong, without anything of the request in it: that has the key. */
export class StatuspageError extends Error {
  override readonly name = 'StatuspageError'
  readonly fault: StatuspageFault
  /** Of the answer, where there was one. */
  readonly httpStatus: number | undefined
  /** What the page says itself, ms. */
  readonly retryAfterMs: number | undefined

  constructor(
    fault: StatuspageFault,
    message: string,
    { httpStatus, retryAfterMs }: { httpStatus?: number; retryAfterMs?: number } = {},
  ) {
    super(message)
    this.fault = fault
    this.httpStatus = httpStatus
    this.retryAfterMs = retryAfterMs
  }

  /** The page has certainly not done it. */
  get isNotDone(): boolean {
    return this.fault !== 'unclear'
  }
}
