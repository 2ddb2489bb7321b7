import { isLoopback } from './loopback.ts'
import type { Pieces } from './pieces.ts'
import type { Finding } from './problem.ts'
import { unknownFleet } from './unknown-fleet.ts'

/** Components of fleets that are in the file, and a key that nobody reads on its way. */
export function statuspageRules(pieces: Pieces): Finding[] {
  const { statuspage, cloud } = pieces
  if (statuspage === undefined) return []
  const { components, endpoint } = statuspage
  const findings = Object.keys(components).flatMap((fleet): Finding[] => {
    const message = unknownFleet(pieces, fleet)
    return message === undefined ? [] : [{ path: ['statuspage', 'components', fleet], atKey: true, message }]
  })
  if (cloud?.kind === 'alibaba' && endpoint?.startsWith('http:') && !isLoopback(endpoint)) {
    const message = 'expected https, found http: the API key travels with every request'
    findings.push({ path: ['statuspage', 'endpoint'], message })
  }
  return findings
}
