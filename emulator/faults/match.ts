import { HOST_TAG } from '../cloud/instance.ts'
import type { FaultMatch } from './schema.ts'

/** What a fault is compared with: one instance, or a request to make some. */
export interface FaultSubject {
  regionId?: string | undefined
  zoneId?: string | undefined
  instanceType?: string | undefined
  imageId?: string | undefined
  instanceId?: string | undefined
  spot?: { strategy: string }
  tags: Readonly<Record<string, string>>
}

const PLACES = ['regionId', 'zoneId', 'instanceType', 'imageId', 'instanceId'] as const

/** Whether every condition of `match` holds for the subject. */
export function matches(match: FaultMatch, subject: FaultSubject): boolean {
  const placed = PLACES.every((name) => match[name] === undefined || like(match[name], subject[name]))
  const hosted = match.host === undefined || like(match.host, subject.tags[HOST_TAG])
  const bought = match.spotStrategy === undefined || like(match.spotStrategy, subject.spot?.strategy)
  return (
    placed &&
    bought &&
    hosted &&
    Object.entries(match.tags ?? {}).every(([key, value]) => like(value, subject.tags[key]))
  )
}

/** Whether a text fits a pattern in which `*` stands for any run of characters. */
export function like(pattern: string, text: string | undefined): boolean {
  if (text === undefined) return false
  if (!pattern.includes('*')) return pattern === text
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop() ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false
  const end = text.length - last.length
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
