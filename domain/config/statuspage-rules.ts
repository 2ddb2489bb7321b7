import { isLoopback } from './loopback.ts'
import type { Pieces } from './pieces.ts'
import type { Finding } from './problem.ts'
import { suggest } from './suggest.ts'

/** Components of fleets that are in the file, and a key that nobody reads on its way. */
export function statuspageRules({ statuspage, cloud, raw }: Pieces): Finding[] {
  if (statuspage === undefined) return []
  const { components, endpoint } = statuspage
  const fleets = Object.keys(typeof raw['fleets'] === 'object' ? (raw['fleets'] ?? {}) : {})
  const unknown = Object.keys(components).filter((fleet) => !fleets.includes(fleet))
  const findings = unknown.map((fleet): Finding => {
    const near = suggest(fleet, fleets)
    const hint = near === undefined ? `known are ${fleets.join(', ') || 'none'}` : `did you mean ${near}?`
    const message = `there is no fleet "${fleet}" in this file; ${hint}`
    return { path: ['statuspage', 'components', fleet], atKey: true, message }
  })
  if (cloud?.kind === 'alibaba' && endpoint?.startsWith('http:') && !isLoopback(endpoint)) {
    const message = 'expected https, found http: the API key travels with every request'
    findings.push({ path: ['statuspage', 'endpoint'], message })
  }
  return findings
}
