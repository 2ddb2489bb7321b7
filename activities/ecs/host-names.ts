import { parseHostId } from '../../domain/ids.ts'
import type { AttemptKey } from '../../domain/ids.ts'
import { fraction } from '../../domain/placement/hash.ts'
import type { HostSpec } from '../../domain/spec.ts'

/** Windows computer names have at most 15 characters (RunInstances `HostName`). */
const MAX_WINDOWS = 15

/** What people see in the cloud's console: host and attempt. 2 to 128 characters. */
export function instanceName({ host, attempt }: AttemptKey): string {
  return `${host.replace('/', '-')}-${attempt}`
}

/** The name inside the system. A long fleet name on Windows is cut, and three digits keep its slots apart from others'. */
export function hostName({ host }: AttemptKey, os: HostSpec['os']): string {
  const whole = host.replace('/', '-')
  if (os === 'linux' || whole.length <= MAX_WINDOWS) return whole
  const { fleet } = parseHostId(host)
  const slot = host.slice(-5)
  const digits = Math.floor(fraction(fleet) * 1_000)
    .toString()
    .padStart(3, '0')
  return `${fleet.slice(0, MAX_WINDOWS - slot.length - digits.length - 1).replace(/-+$/, '')}${digits}-${slot}`
}
