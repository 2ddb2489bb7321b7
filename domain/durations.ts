/** 1_200_000 → "20:00", 3_725_000 → "1:02:05". Negative counts as zero. */
export function clockText(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000))
  const two = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** Up to the next whole minute: the cloud drops seconds from release times. */
export const ceilToMinute = (ms: number): number => Math.ceil(ms / 60_000) * 60_000

/** A number in [0, 1) from a text (FNV-1a): spreads what must not happen all at once, the same way on every replay. */
export function spread(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  }
  return hash / 2 ** 32
}
