import { isHostId } from './ids.ts'
import type { AttemptKey } from './ids.ts'

/** Tags on every instance. What is written here is what is searched for: one table for both. */
export const TAGS = {
  controller: 'muster:controller',
  namespace: 'muster:namespace',
  fleet: 'muster:fleet',
  host: 'muster:host',
  generation: 'muster:generation',
  attempt: 'muster:attempt',
  preserveUntil: 'muster:preserve-until',
  /** Written by the sweep, with the time, on what no host claims: only a later sweep deletes it. */
  orphanSince: 'muster:orphan-since',
} as const

/** The installation an instance belongs to. */
export interface Owner {
  controller: string
  namespaceId: string
}

/** The tags that name one attempt's instance. */
export function instanceTags(owner: Owner, key: AttemptKey): Record<string, string> {
  return {
    [TAGS.controller]: owner.controller,
    [TAGS.namespace]: owner.namespaceId,
    [TAGS.fleet]: key.host.split('/')[0] ?? key.host,
    [TAGS.host]: key.host,
    [TAGS.generation]: key.generation,
    [TAGS.attempt]: String(key.attempt),
  }
}

/** True when the tags say: made by this installation for exactly this attempt. Deletes are sent only then. */
export function isTaggedFor(tags: Record<string, string>, owner: Owner, key: AttemptKey): boolean {
  return Object.entries(instanceTags(owner, key)).every(([name, value]) => tags[name] === value)
}

/**
 * Which attempt of which installation the tags name; undefined where one is missing or no such thing: then nobody can
 * say whose it is.
 */
export function readInstanceTags(
  tags: Record<string, string>,
): { owner: Owner; key: AttemptKey } | undefined {
  const host = tags[TAGS.host] ?? ''
  const attempt = Number(tags[TAGS.attempt])
  const generation = tags[TAGS.generation] ?? ''
  const owner = { controller: tags[TAGS.controller] ?? '', namespaceId: tags[TAGS.namespace] ?? '' }
  const key = { host, generation, attempt }
  if (!isHostId(host) || generation === '' || !Number.isSafeInteger(attempt) || attempt < 1) return undefined
  return isTaggedFor(tags, owner, key) ? { owner, key } : undefined
}
