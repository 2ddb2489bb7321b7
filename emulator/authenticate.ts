import { timingSafeEqual } from 'node:crypto'
import { refuse } from './errors.ts'
import { allParameters, header } from './request.ts'
import type { ApiRequest } from './request.ts'
import { signV1, stringToSignV1 } from './sign/v1.ts'
import {
  canonicalRequestV3,
  parseV3Authorization,
  sha256Hex,
  signV3,
  stringToSignV3,
  V3_ALGORITHM,
} from './sign/v3.ts'

/** A key's secret, and its security token when it is a temporary (STS) key. */
export type Credential = string | { secret: string; securityToken: string }
export type Credentials = Record<string, Credential>

/** The gateway takes requests made within 15 minutes of its own time, and remembers nonces as long. */
export const SIGNATURE_WINDOW_MS = 15 * 60_000

export interface Caller {
  accessKeyId: string
}

export interface Authenticator {
  /** Throws the gateway's own error for anything but a fresh, rightly signed request of a known key. */
  authenticate(request: ApiRequest): Caller
}

/** @param wallNow the real time: clients sign with theirs, whatever the emulated clock was advanced to. */
export function createAuthenticator(credentials: Credentials, wallNow: () => number): Authenticator {
  const nonces = createNonceMemory(wallNow)
  return {
    authenticate(request) {
      const claim = isV3(request) ? readV3(request) : readV1(request)
      const credential = lookUp(credentials, claim)
      checkTime(claim.date, wallNow())
      const secret = typeof credential === 'string' ? credential : credential.secret
      if (!sameText(claim.signature, claim.sign(secret))) {
        throw refuse('SignatureDoesNotMatch', claim.stringToSign)
      }
      if (!nonces.first(`${claim.accessKeyId} ${claim.nonce}`)) throw refuse('SignatureNonceUsed')
      return { accessKeyId: claim.accessKeyId }
    },
  }
}

/** Only the Authorization header tells: requests of signature 1.0 may carry x-acs-action and x-acs-version as well. */
export function isV3(request: ApiRequest): boolean {
  const authorization = header(request, 'authorization')
  if (authorization === undefined) return false
  return authorization.startsWith('ACS3-') || !allParameters(request).has('Signature')
}

interface Claim {
  accessKeyId: string
  securityToken: string
  date: string
  nonce: string
  signature: string
  stringToSign: string
  sign: (secret: string) => string
}

function readV1(request: ApiRequest): Claim {
  const parameters = allParameters(request)
  const accessKeyId = parameters.get('AccessKeyId')
  if (!accessKeyId) throw refuse('MissingAccessKeyId')
  const signature = parameters.get('Signature')
  if (!signature) throw refuse('MissingParameter', 'Signature')
  const method = parameters.get('SignatureMethod') ?? ''
  if (method !== 'HMAC-SHA1' || parameters.get('SignatureVersion') !== '1.0') {
    throw refuse('IncompleteSignature', 'Use SignatureMethod HMAC-SHA1 and SignatureVersion 1.0.')
  }
  const nonce = parameters.get('SignatureNonce')
  if (!nonce) throw refuse('MissingParameter', 'SignatureNonce')
  const date = parameters.get('Timestamp')
  if (!date) throw refuse('IllegalTimestamp')
  const stringToSign = stringToSignV1(request.method, parameters)
  return {
    accessKeyId,
    securityToken: parameters.get('SecurityToken') ?? '',
    date,
    nonce,
    signature,
    stringToSign,
    sign: (secret) => signV1(stringToSign, secret),
  }
}

function readV3(request: ApiRequest): Claim {
  const parsed = parseV3Authorization(header(request, 'authorization') ?? '')
  if (parsed === undefined) {
    throw refuse(
      'IncompleteSignature',
      `The Authorization header is not of the form ${V3_ALGORITHM} Credential=,SignedHeaders=,Signature=.`,
    )
  }
  const unsigned = request.headers
    .map(([name]) => name.toLowerCase())
    .filter((name) => name === 'host' || name.startsWith('x-acs-'))
    .filter((name) => !parsed.signedHeaders.includes(name))
  if (unsigned.length > 0) {
    throw refuse('IncompleteSignature', `These headers must be signed: ${unsigned.join(', ')}.`)
  }
  const bodyHash = header(request, 'x-acs-content-sha256')
  if (bodyHash === undefined) throw refuse('MissingParameter', 'x-acs-content-sha256')
  if (bodyHash !== sha256Hex(request.body)) {
    throw refuse('IncompleteSignature', 'x-acs-content-sha256 is not the digest of the body.')
  }
  const date = header(request, 'x-acs-date')
  if (!date) throw refuse('IllegalTimestamp')
  const nonce = header(request, 'x-acs-signature-nonce')
  if (!nonce) throw refuse('MissingParameter', 'x-acs-signature-nonce')
  const canonical = canonicalRequestV3({
    ...request,
    signedHeaders: parsed.signedHeaders,
    bodyHash,
  })
  const stringToSign = stringToSignV3(canonical)
  return {
    accessKeyId: parsed.accessKeyId,
    securityToken: header(request, 'x-acs-security-token') ?? '',
    date,
    nonce,
    signature: parsed.signature,
    stringToSign,
    sign: (secret) => signV3(stringToSign, secret),
  }
}

function lookUp(credentials: Credentials, claim: Claim): Credential {
  if (!Object.hasOwn(credentials, claim.accessKeyId)) throw refuse('InvalidAccessKeyId.NotFound')
  const credential = credentials[claim.accessKeyId]!
  const expected = typeof credential === 'string' ? '' : credential.securityToken
  if (expected === claim.securityToken) return credential
  if (claim.securityToken === '') throw refuse('MissingSecurityToken')
  throw refuse('InvalidSecurityToken.MismatchWithAccessKey')
}

function checkTime(date: string, wallNowMs: number): void {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date)) throw refuse('InvalidTimeStamp.Format')
  const sentAt = Date.parse(date)
  if (Number.isNaN(sentAt)) throw refuse('InvalidTimeStamp.Format')
  if (Math.abs(wallNowMs - sentAt) > SIGNATURE_WINDOW_MS) throw refuse('InvalidTimeStamp.Expired')
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}

/** Two generations of nonces, each a window long: old ones are dropped without a scan. */
function createNonceMemory(wallNow: () => number): { first(nonce: string): boolean } {
  let current = new Set<string>()
  let previous = new Set<string>()
  let turnedAt = wallNow()
  return {
    first(nonce) {
      if (wallNow() - turnedAt > 2 * SIGNATURE_WINDOW_MS) {
        previous = current
        current = new Set()
        turnedAt = wallNow()
      }
      if (current.has(nonce) || previous.has(nonce)) return false
      current.add(nonce)
      return true
    },
  }
}
