import { readSubject, type KnownIncident, type PageIncident } from './types.ts'

/** Since when each is reported already, by what it is about: the store's word goes before the page's. */
export function begunOf(
  known: readonly Pick<KnownIncident, 'about' | 'since'>[],
  page: readonly Pick<PageIncident, 'subject'>[],
): Map<string, number> {
  const onPage = page.flatMap(({ subject }) => readSubject(subject) ?? [])
  return new Map([...onPage.toReversed(), ...known].map(({ about, since }) => [about, since]))
}
