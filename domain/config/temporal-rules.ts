import type { Pieces } from './pieces.ts'
import type { Finding } from './problem.ts'

/** A certificate is of no use without its key, and an API key in plain text is everybody's. */
export function temporalRules({ temporal }: Pieces): Finding[] {
  const { tls, apiKeyEnv } = temporal ?? {}
  if (tls === false && apiKeyEnv !== undefined) {
    const message = 'expected none with tls: false, which would send the API key in plain text'
    return [{ path: ['temporal', 'apiKeyEnv'], message }]
  }
  if (typeof tls !== 'object' || (tls.certFile === undefined) === (tls.keyFile === undefined)) return []
  const found = tls.certFile === undefined ? 'keyFile' : 'certFile'
  const message = `expected certFile and keyFile together, found ${found} alone`
  return [{ path: ['temporal', 'tls', found], message }]
}
