import { MusterError } from '../domain/errors.ts'
import { ENROLLMENT_MARK } from '../domain/wire.ts'
import type { Enrollment } from '../domain/wire.ts'

/**
 * Finds the enrollment in an instance's user data: a script (`#!/bin/sh`, or Windows with `[powershell]` as its first
 * line) of which one line is a comment with the mark. Undefined when no line has it: somebody else's user data.
 *
 * @throws MusterError `bad_config` when the line is there but broken
 */
export function findEnrollment(userData: string): Enrollment | undefined {
  const line = userData.split(/\r?\n/).find((candidate) => candidate.startsWith(ENROLLMENT_MARK))
  if (line === undefined) return undefined
  const decoded = Buffer.from(line.slice(ENROLLMENT_MARK.length).trim(), 'base64url').toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(decoded)
  } catch (error) {
    throw broken('what follows the mark is not base64url of JSON', error)
  }
  if (typeof value !== 'object' || value === null) throw broken('it holds no JSON object')
  return checked(value as Record<string, unknown>)
}

const TEXTS = ['apiUrl', 'token', 'host', 'generation', 'expiresAt'] as const

function checked(value: Record<string, unknown>): Enrollment {
  for (const field of TEXTS) {
    if (typeof value[field] !== 'string' || value[field] === '') throw broken(`"${field}" must be a text`)
  }
  if (!Number.isInteger(value['attempt'])) throw broken('"attempt" must be a whole number')
  return value as unknown as Enrollment
}

function broken(reason: string, cause?: unknown): MusterError {
  const text = `the line "${ENROLLMENT_MARK.trim()}" in the user data cannot be read: ${reason}`
  return new MusterError('bad_config', `${text}; launch the instance again with the user data Muster made`, {
    cause,
  })
}
