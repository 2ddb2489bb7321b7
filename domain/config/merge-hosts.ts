import type { HostFields } from './host-schema.ts'

/**
 * What a fleet says over what `defaults` say. Fields of `heartbeat`, `backoff` and `tags` are taken one by one; any
 * other field as a whole, because half a workload or half a disk is none.
 */
export function mergeHosts(defaults: HostFields, fleet: HostFields): HostFields {
  return {
    ...defaults,
    ...fleet,
    ...joined('heartbeat', defaults, fleet),
    ...joined('backoff', defaults, fleet),
    ...joined('tags', defaults, fleet),
  }
}

function joined<K extends 'heartbeat' | 'backoff' | 'tags'>(
  name: K,
  defaults: HostFields,
  fleet: HostFields,
) {
  return defaults[name] && fleet[name] ? { [name]: { ...defaults[name], ...fleet[name] } } : {}
}
