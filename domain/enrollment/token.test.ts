import { createHmac, timingSafeEqual } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MusterError } from '../errors.ts'
import { findEnrollment } from '../../agent/enrollment.ts'
import { ENROLLMENT_MARK } from '../wire.ts'
import { propertyRuns } from '../testing/property-runs.ts'
import { isExpired, signEnrollment, verifyEnrollment } from './token.ts'
import type { EnrollmentClaims, TokenCrypto } from './token.ts'
import { enrollmentUserData } from './user-data.ts'

const crypto: TokenCrypto = {
  hmac: (secret, text) => createHmac('sha256', secret).update(text).digest('base64url'),
  equal: (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b)),
}
const key = { id: 'k1', secret: 'planted-secret' }
const secretOf = (id: string) => (id === key.id ? key.secret : undefined)
const claims: EnrollmentClaims = {
  host: 'render/00007',
  generation: 'a1b2c3d4e5',
  attempt: 2,
  controller: 'studio',
  expiresAt: 1_800_000_000_000,
}

const anyClaims: fc.Arbitrary<EnrollmentClaims> = fc.record({
  host: fc.stringMatching(/^[a-z][a-z0-9-]{0,39}\/0000[1-9]$/, { size: 'max' }),
  generation: fc.stringMatching(/^[0-9a-f]{10}$/),
  attempt: fc.integer({ min: 1, max: 1_000_000 }),
  controller: fc.string({ minLength: 1, maxLength: 60, size: 'max', unit: 'grapheme' }),
  expiresAt: fc.integer({ min: 0, max: 4_000_000_000_000 }),
})

describe('enrollment token', () => {
  test('gives back what was signed, and the same text each time', () => {
    fc.assert(
      fc.property(anyClaims, (any) => {
        const token = signEnrollment(any, key, crypto)
        expect(signEnrollment({ ...any }, key, crypto)).toBe(token)
        expect(verifyEnrollment(token, secretOf, crypto)).toEqual(any)
      }),
      propertyRuns(1),
    )
  })

  test('is refused with any one character changed', () => {
    const token = signEnrollment(claims, key, crypto)
    for (let index = 0; index < token.length; index++) {
      const other = token[index] === 'A' ? 'B' : 'A'
      const changed = token.slice(0, index) + other + token.slice(index + 1)
      expect(() => verifyEnrollment(changed, secretOf, crypto), `changed at ${index}`).toThrow(MusterError)
    }
  })

  test('is refused when it was signed with another key, a dropped key or no key', () => {
    const forged = signEnrollment(claims, { id: 'k1', secret: 'guess' }, crypto)
    const dropped = signEnrollment(claims, { id: 'k0', secret: key.secret }, crypto)
    const impostor = signEnrollment(claims, { id: 'k0', secret: 'no such key' }, crypto)
    for (const token of [forged, dropped, impostor]) {
      expect(() => verifyEnrollment(token, secretOf, crypto)).toThrow(/not valid here/)
    }
  })

  test.each([
    ['nothing', ''],
    ['no dots', 'v1'],
    ['a fifth part', `${signEnrollment(claims, key, crypto)}.x`],
    ['a very long text', 'v1.k1.'.padEnd(5_000, 'A')],
    ['an empty payload', 'v1.k1..'],
  ])('is refused when it is %s', (_name, token) => {
    expect(() => verifyEnrollment(token, secretOf, crypto)).toThrow(/not valid here/)
  })

  test.each([
    ['not JSON', 'hello'],
    ['JSON of another kind', '[1]'],
    ['a host that is none', '{"h":"x","g":"a","a":1,"e":1,"c":"c"}'],
    ['attempt zero', '{"h":"a/00001","g":"a","a":0,"e":1,"c":"c"}'],
    ['a text for a number', '{"h":"a/00001","g":"a","a":"1","e":1,"c":"c"}'],
  ])('is refused when its genuine signature covers %s', (_name, payload) => {
    const signed = `v1.k1.${Buffer.from(payload).toString('base64url')}`
    const token = `${signed}.${crypto.hmac(key.secret, signed)}`
    expect(() => verifyEnrollment(token, secretOf, crypto)).toThrow(/not valid here/)
  })

  test('is read although it is expired: the expiry is for the first started only', () => {
    const read = verifyEnrollment(signEnrollment(claims, key, crypto), secretOf, crypto)
    expect(isExpired(read, claims.expiresAt)).toBe(false)
    expect(isExpired(read, claims.expiresAt + 1)).toBe(true)
  })

  test('is not made with a key id that would break it apart', () => {
    expect(() => signEnrollment(claims, { id: 'a.b', secret: 's' }, crypto)).toThrow(/key id "a.b"/)
  })
})

describe('user data', () => {
  const enrollment = {
    apiUrl: 'https://muster.example',
    token: signEnrollment(claims, key, crypto),
    host: claims.host,
    generation: claims.generation,
    attempt: 2,
    expiresAt: '2027-01-15T08:00:00.000Z',
  }

  test('is a script the agent reads its enrollment from, on Linux and on Windows', () => {
    for (const os of ['linux', 'windows'] as const) {
      expect(findEnrollment(enrollmentUserData(os, enrollment))).toEqual(enrollment)
    }
  })

  test('runs as a shell script and as PowerShell by its first line', () => {
    expect(enrollmentUserData('linux', enrollment)).toMatch(
      /^#!\/bin\/sh\n# muster-enrollment: [\w-]+\nexit 0\n$/,
    )
    expect(enrollmentUserData('windows', enrollment).split('\r\n').slice(0, 2)).toEqual([
      '[powershell]',
      expect.stringContaining(ENROLLMENT_MARK),
    ])
  })

  test('stays far below the 16 KiB every region accepts', () => {
    expect(enrollmentUserData('linux', enrollment).length).toBeLessThan(2_048)
  })
})
