/** gRPC: PERMISSION_DENIED and UNAUTHENTICATED. */
const REFUSED: readonly unknown[] = [7, 16]

/** By what a caller is known. */
export interface CallerProof {
  hasKey: boolean
  hasCertificate: boolean
}

/** What a server says by this error about who we are, to follow its address; undefined when it is about something else. */
export function callerProblem({ hasKey, hasCertificate }: CallerProof, error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } }
  if (!REFUSED.includes(code) && !REFUSED.includes(cause?.code)) return undefined
  if (hasKey)
    return 'refuses the API key: is it one of this server, still valid, and allowed to do this in the namespace?'
  if (hasCertificate) return 'refuses the client certificate: is it allowed to do this in the namespace?'
  return 'refuses callers that it does not know: name an API key by temporal.apiKeyEnv (--api-key-env), or a client certificate by temporal.tls.certFile and keyFile (--tls-cert, --tls-key)'
}
