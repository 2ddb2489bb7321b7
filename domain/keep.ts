const DAY_MS = 24 * 3_600_000

/** Three months: long enough to ask what happened in the last quarter, short enough that a store stays a few GiB. */
export const DEFAULT_KEEP_MS = 90 * DAY_MS
/** At least a week: people who come back from a holiday ask why; at most ten years. */
export const KEEP_MS = { min: 7 * DAY_MS, max: 3_650 * DAY_MS }
