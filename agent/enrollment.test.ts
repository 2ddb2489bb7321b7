import { describe, expect, test } from 'vitest'
import { ENROLLMENT_MARK } from '../domain/wire.ts'
import { findEnrollment } from './enrollment.ts'

const enrollment = {
  apiUrl: 'http://127.0.0.1:1',
  token: 'secret-token',
  host: 'render/00007',
  generation: '0123456789',
  attempt: 2,
  expiresAt: '2026-01-01T00:40:00Z',
}
const encode = (value: unknown): string =>
  ENROLLMENT_MARK + Buffer.from(JSON.stringify(value)).toString('base64url')

describe('the enrollment is found in', () => {
  test('a shell script', () => {
    expect(findEnrollment(`#!/bin/sh\n${encode(enrollment)}\nexec true\n`)).toEqual(enrollment)
  })

  test('a PowerShell script with Windows line ends', () => {
    expect(findEnrollment(`[powershell]\r\n${encode(enrollment)}\r\nexit 0\r\n`)).toEqual(enrollment)
  })
})

test('user data of somebody else has none', () => {
  expect(findEnrollment('#cloud-config\npackages: [vim]\n')).toBeUndefined()
})

test('a mark in the middle of a line is no enrollment', () => {
  expect(findEnrollment(`echo "${encode(enrollment)}"`)).toBeUndefined()
})

test.each([
  ['not base64 of JSON', `${ENROLLMENT_MARK}%%%`, /base64url of JSON/],
  ['no object', encode('text'), /no JSON object/],
  ['a field missing', encode({ ...enrollment, token: undefined }), /"token" must be a text/],
  [
    'an attempt that is no number',
    encode({ ...enrollment, attempt: '2' }),
    /"attempt" must be a whole number/,
  ],
])('a broken line is an error that says what is wrong, and never the token: %s', (_what, line, message) => {
  expect(() => findEnrollment(line)).toThrow(message)
  expect(() => findEnrollment(line)).not.toThrow(/secret-token/)
})
