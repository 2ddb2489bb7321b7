import { isIP } from 'node:net'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { TemporalEndpoint } from './temporal-endpoint.ts'

/** A handshake takes two round trips; one that takes longer is left to the client itself. */
const PATIENCE_MS = 5_000

/** How a client of HTTP/2 begins (RFC 9113, 3.4), with an empty frame of settings; a server answers with its own. */
const PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
])

/**
 * Why TLS to this server fails for good, to follow its address, found by a handshake of our own: gRPC clients try again
 * for ever and say no more than that they were not connected. Undefined when nothing is wrong, or there is no answer.
 */
export async function tlsProblem({ address, tls = {} }: TemporalEndpoint): Promise<string | undefined> {
  const { serverNameOverride, serverRootCACertificate, clientCertPair } = tls
  const socket = open(address, {
    ...(serverNameOverride !== undefined && { servername: serverNameOverride }),
    ...(serverRootCACertificate && { ca: Buffer.from(serverRootCACertificate) }),
    ...(clientCertPair && { cert: Buffer.from(clientCertPair.crt), key: Buffer.from(clientCertPair.key) }),
  })
  // With TLS 1.3 a server looks at the client's certificate after the handshake: its first bytes say it is content.
  socket.once('secureConnect', () => socket.write(PREFACE))
  const { error } = await outcome(socket, 'data')
  return (
    error &&
    wordsFor(error, {
      hasCa: serverRootCACertificate !== undefined,
      hasCertificate: clientCertPair !== undefined,
    })
  )
}

/** Whether somebody there ends a TLS handshake well, whatever the certificate. */
export async function speaksTls(address: string): Promise<boolean> {
  const { isDone } = await outcome(open(address, { rejectUnauthorized: false }), 'secureConnect')
  return isDone
}

function open(address: string, options: ConnectionOptions): TLSSocket {
  const { hostname, port } = new URL(`tls://${address}`)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  // RFC 6066 has no addresses as names.
  const name = isIP(host) ? {} : { servername: host }
  return connect({ host, port: Number(port), ALPNProtocols: ['h2'], ...name, ...options })
}

interface Outcome {
  isDone: boolean
  error?: NodeJS.ErrnoException
}

/** Waits for the event, or for what comes in its place, and ends the connection. */
async function outcome(socket: TLSSocket, event: 'data' | 'secureConnect'): Promise<Outcome> {
  try {
    return await new Promise<Outcome>((resolve) => {
      socket.once(event, () => resolve({ isDone: true }))
      socket.on('error', (error) => resolve({ isDone: false, error }))
      socket.once('close', () => resolve({ isDone: false }))
      socket.setTimeout(PATIENCE_MS, () => resolve({ isDone: false }))
    })
  } finally {
    socket.destroy()
  }
}

/** Codes of OpenSSL for a chain without a trusted root. */
const UNTRUSTED = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
])

const ASKS_FOR_CERTIFICATE =
  'asks for a client certificate: name it in temporal.tls.certFile and keyFile (--tls-cert, --tls-key)'
const OTHER_CERTIFICATE =
  'does not accept the client certificate: temporal.tls.certFile (--tls-cert) must be one of an authority that it trusts, and not have expired'

const WORDS: Record<string, string> = {
  CERT_HAS_EXPIRED: 'shows a certificate that has expired: it needs a new one',
  CERT_NOT_YET_VALID: 'shows a certificate that is not yet valid: are the clocks right, there and here?',
  ERR_SSL_WRONG_VERSION_NUMBER:
    'does not speak TLS: drop temporal.tls (--tls) where plain text is right, or name another port',
}

/** Alerts of the server (RFC 8446, 6); what OpenSSL puts before their names differs between its versions. */
const ALERT = /_ALERT_([A-Z_]+)$/
const ALERTS: Record<string, string> = {
  CERTIFICATE_REQUIRED: ASKS_FOR_CERTIFICATE,
  UNKNOWN_CA: OTHER_CERTIFICATE,
  BAD_CERTIFICATE: OTHER_CERTIFICATE,
  CERTIFICATE_EXPIRED: OTHER_CERTIFICATE,
  CERTIFICATE_UNKNOWN: OTHER_CERTIFICATE,
  ACCESS_DENIED: OTHER_CERTIFICATE,
}

function wordsFor(
  error: NodeJS.ErrnoException,
  { hasCa, hasCertificate }: { hasCa: boolean; hasCertificate: boolean },
): string | undefined {
  const { code = '' } = error
  if (UNTRUSTED.has(code)) {
    return hasCa
      ? 'shows a certificate that no authority of temporal.tls.caFile (--tls-ca) has signed: name the file of the right one'
      : 'shows a certificate that no public authority has signed: name the one that has in temporal.tls.caFile (--tls-ca)'
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const { cert } = error as { cert?: { subjectaltname?: string } }
    return `shows a certificate for ${cert?.subjectaltname ?? 'other names'}: name one of them in temporal.tls.serverName (--tls-server-name), if it is the right server`
  }
  const alert = ALERT.exec(code)?.[1] ?? ''
  // What servers of TLS 1.2 say for a certificate that is missing, and for much else.
  if (alert === 'HANDSHAKE_FAILURE' && !hasCertificate) return ASKS_FOR_CERTIFICATE
  return WORDS[code] ?? ALERTS[alert]
}
