import type { Hold } from '../breaker/hold.ts'
import type { FleetSituation } from './conditions.ts'
import type { IncidentKind } from './types.ts'

/** Statuspage's own limit. */
export const MAX_NAME = 255
/** Far below the 25,000 that Statuspage takes: nobody reads more. */
const MAX_WHY = 1_000
/** Fleets named one by one. */
const MAX_NAMED = 10

interface Words {
  name: string
  body: string
}

/** Why hosts are not started. Nothing in it moves with the clock, so that it is said again only when there is news. */
export function holdWords(hold: Hold, fleets: readonly string[]): Words {
  const what = heldWords(hold)
  const paragraphs = [
    `Since ${utcText(hold.openedAt)} no new hosts are started ${what}, because starts failed: ${cut(hold.reason, MAX_WHY)}.`,
    probesText(hold),
    `${concernText(fleets)} Hosts that run already are not touched.`,
  ]
  return { name: cut(`New hosts ${what} do not start`, MAX_NAME), body: paragraphs.join('\n\n') }
}

/** What is held, after "new hosts". */
function heldWords({ scope, imageId, zone, instanceType, fleet }: Hold): string {
  if (scope === 'fleet') return `of fleet ${fleet}`
  const image = `with image ${imageId ?? 'of any name'}`
  if (scope === 'image') return image
  return `${image} on ${instanceType ?? 'any type'} in ${zone ?? 'any zone'}`
}

function probesText({ failedProbes, until }: Hold): string {
  const next = `After ${utcText(until)} one host is started to find out whether it is over.`
  if (failedProbes === 0) return next
  const times = failedProbes === 1 ? 'One host was' : `${failedProbes} hosts were, one after another,`
  return `${times} started to find out whether it is over, and failed too. ${next}`
}

/** Why a fleet is frozen. Shares instead of numbers, because numbers change with every look. */
export function freezeWords(
  fleet: string,
  { since, silent, of }: NonNullable<FleetSituation['frozen']>,
): Words {
  const share = shareText(silent, of)
  const body = [
    `Since ${utcText(since)} ${share} hosts of fleet ${fleet} have not reported.`,
    'An outage of the network or of the control plane looks just the same, so nothing is started, replaced or deleted in this fleet until hosts report again or a person decides.',
    concernText([fleet]),
  ]
  return {
    name: cut(`${capital(share)} hosts of fleet ${fleet} are silent`, MAX_NAME),
    body: body.join('\n\n'),
  }
}

function shareText(silent: number, of: number): string {
  if (silent >= of) return 'all'
  return silent * 2 > of ? 'most' : 'many'
}

/** The last word on an incident. */
export function overText(kind: IncidentKind, since: number): string {
  const over =
    kind === 'hold'
      ? 'Starts of these hosts are no longer held back.'
      : 'Enough hosts report again; the fleet operates normally.'
  return `${over} It started at ${utcText(since)}.`
}

/** On an incident that exists next to another one of the same subject, or that nobody knows any more. */
export const WITHDRAWN_TEXT = 'This no longer applies, or another incident covers it.'

function concernText(fleets: readonly string[]): string {
  const named = fleets.slice(0, MAX_NAMED).join(', ')
  const more = fleets.length > MAX_NAMED ? ` and ${fleets.length - MAX_NAMED} more` : ''
  return fleets.length === 1
    ? `Affected fleet: ${named}.`
    : `${fleets.length} fleets affected: ${named}${more}.`
}

/** `2026-01-01 10:00 UTC` */
export const utcText = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

/** By characters as people count them: half a surrogate is refused by the page. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text
  let kept = ''
  for (const character of text) {
    if (kept.length + character.length >= max) break
    kept += character
  }
  return `${kept}…`
}
