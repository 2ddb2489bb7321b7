import { ENROLLMENT_MARK } from '../wire.ts'
import type { Enrollment } from '../wire.ts'
import type { HostSpec } from '../spec.ts'
import { toBase64Url } from './base64url.ts'

/**
 * The script an instance is launched with: it does nothing but carry the enrollment line that the agent in the image
 * looks for. Windows runs user data only when its first line is `[powershell]` or `[bat]` (ECS guide, "Instance user
 * data"); a comment begins with `#` in both shells.
 */
export function enrollmentUserData(os: HostSpec['os'], enrollment: Enrollment): string {
  const line = `${ENROLLMENT_MARK}${toBase64Url(JSON.stringify(enrollment))}`
  return os === 'windows' ? `[powershell]\r\n${line}\r\nexit 0\r\n` : `#!/bin/sh\n${line}\nexit 0\n`
}
