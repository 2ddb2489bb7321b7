const SHARE = 0.2
const ALWAYS_ALLOWED = 3

/** How many of so many ready and silent hosts may be silent at once before it looks like an outage of ours. */
export const silenceLimit = (total: number): number => Math.max(ALWAYS_ALLOWED, Math.floor(SHARE * total))

/** All of two or more, or more than max(3, 20 %): that is an outage, not that many broken hosts. */
export const isMassSilence = (silent: number, total: number): boolean =>
  (total >= 2 && silent === total) || silent > silenceLimit(total)
