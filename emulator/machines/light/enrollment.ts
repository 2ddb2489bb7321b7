import { ENROLLMENT_MARK } from '../../../domain/wire.ts'
import type { Enrollment } from '../../../domain/wire.ts'

/** The API's address and the token out of an instance's user data; undefined when there is none to read. */
export function enrollmentOf(userData: Buffer | undefined): Pick<Enrollment, 'apiUrl' | 'token'> | undefined {
  const text = userData?.toString('utf8') ?? ''
  const from = text.startsWith(ENROLLMENT_MARK) ? 0 : text.indexOf(`\n${ENROLLMENT_MARK}`) + 1
  if (from === 0 && !text.startsWith(ENROLLMENT_MARK)) return undefined
  const [line = ''] = text.slice(from + ENROLLMENT_MARK.length).split(/\r?\n/, 1)
  try {
    const { apiUrl, token } = JSON.parse(
      Buffer.from(line.trim(), 'base64url').toString('utf8'),
    ) as Partial<Enrollment>
    if (typeof apiUrl !== 'string' || typeof token !== 'string') return undefined
    return { apiUrl: apiUrl.replace(/\/+$/, ''), token }
  } catch {
    // A broken line: this machine's agent would not come up either.
    return undefined
  }
}
