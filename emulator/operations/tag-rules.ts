import { refuse } from '../errors.ts'

/** Tags a resource may carry. */
export const MAX_TAGS = 20
const MAX_LENGTH = 128
/** A tag filter of a list looks at no more resources than this; ListTagResources sees them all. */
export const TAG_FILTER_SEES = 1000

/** Whether all of these tags are there; a value left out matches any. */
export function hasTags(
  tags: Readonly<Record<string, string>>,
  wanted: readonly { key: string; value: string | undefined }[],
): boolean {
  return wanted.every(({ key, value }) => Object.hasOwn(tags, key) && (value ?? tags[key]) === tags[key])
}

/** `Tag.N.Key/Value` pairs to write, checked by the cloud's rules for tags. */
export function readTags(pairs: readonly Record<string, string>[]): Record<string, string> {
  const tags: Record<string, string> = {}
  for (const pair of pairs) {
    const key = pair['Key']
    const value = pair['Value'] ?? ''
    if (key === undefined) throw refuse('InvalidTag.Mismatch')
    if (!validKey(key)) throw refuse('InvalidTagKey.Malformed')
    if (value.length > MAX_LENGTH || hasUrl(value) || reserved(value))
      throw refuse('InvalidTagValue.Malformed')
    if (Object.hasOwn(tags, key)) throw refuse('Duplicate.TagKey')
    tags[key] = value
  }
  if (Object.keys(tags).length > MAX_TAGS) throw refuse('InvalidTagCount')
  return tags
}

/** Tags to look for: a key alone matches any value. */
export function readTagFilter(
  pairs: readonly Record<string, string>[],
): { key: string; value: string | undefined }[] {
  if (pairs.length > MAX_TAGS) throw refuse('InvalidTagCount')
  return pairs.map((pair) => {
    if (pair['Key'] === undefined) throw refuse('InvalidTag.Mismatch')
    return { key: pair['Key'], value: pair['Value'] }
  })
}

function validKey(key: string): boolean {
  return key !== '' && key.length <= MAX_LENGTH && !reserved(key) && !hasUrl(key)
}

function reserved(text: string): boolean {
  return /^(aliyun|acs:)/i.test(text)
}

function hasUrl(text: string): boolean {
  return /https?:\/\//i.test(text)
}
