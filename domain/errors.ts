/**
 * The one error class of Muster. The text says what happened, to what, and what to do.
 *
 * `code` is one of {@link ERROR_TABLE}; it decides the HTTP status at the API and whether Temporal retries.
 */
export class MusterError extends Error {
  override readonly name = 'MusterError'
  readonly code: ErrorCode
  /** Extra facts for the reader of the error: never secrets. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }

  /** True when the same call may succeed later without anybody changing anything. */
  get retryable(): boolean {
    return ERROR_TABLE[this.code].retryable
  }

  /** HTTP status the API answers with for this error. */
  get status(): number {
    return ERROR_TABLE[this.code].status
  }
}

/** code → HTTP status and whether a retry can help. */
export const ERROR_TABLE = {
  bad_request: { status: 400, retryable: false },
  unauthorized: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  conflict: { status: 409, retryable: false },
  gone: { status: 410, retryable: false },
  length_required: { status: 411, retryable: false },
  too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  unprocessable: { status: 422, retryable: false },
  too_many_requests: { status: 429, retryable: true },
  internal: { status: 500, retryable: true },
  unavailable: { status: 503, retryable: true },
  timed_out: { status: 504, retryable: true },
  bad_config: { status: 500, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>

export type ErrorCode = keyof typeof ERROR_TABLE
