const DAY_MS = 24 * 3_600_000

/** Three months: long enough to ask what happened in the last quarter, short enough that a store stays a few GiB. */
export const DEFAULT_KEEP_MS = 90 * DAY_MS
/** A week at least: whoever comes back from a holiday asks why; ten years at most. */
export const KEEP_MS = { min: 7 * DAY_MS, max: 3_650 * DAY_MS }
