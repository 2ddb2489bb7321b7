/** `40GiB` or `1TiB`: the unit is part of it, so that nobody has to guess. */
export const DISK_SIZE = /^\d{1,6} ?(GiB|TiB)$/

/** → GiB; undefined for anything else. */
export function parseDiskSize(text: string): number | undefined {
  if (!DISK_SIZE.test(text)) return undefined
  return Number.parseInt(text, 10) * (text.endsWith('TiB') ? 1_024 : 1)
}
