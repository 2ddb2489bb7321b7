import { refuse } from '../errors.ts'

/** One pattern and a place in the batch give one name. */
export interface NameRequest {
  pattern: string | undefined
  /** 0-based place of the instance in its batch. */
  index: number
  amount: number
  uniqueSuffix: boolean
}

/** `name[begin,digits]rest`: both numbers may be left out, up to 999999 and 6 digits. */
const SEQUENCE = /\[(\d{0,6}),([0-6]?)\]/
const SUFFIX_LENGTH = 3

/** A sequential or suffixed name; undefined when none was asked for. */
export function nameAt({ pattern, index, amount, uniqueSuffix }: NameRequest): string | undefined {
  if (pattern === undefined) return undefined
  if (SEQUENCE.test(pattern)) {
    return pattern.replace(SEQUENCE, (_whole, begin: string, digits: string) =>
      String(Number(begin || 0) + index).padStart(Number(digits || 0), '0'),
    )
  }
  if (!uniqueSuffix || amount === 1) return pattern
  return `${pattern}${String(index + 1).padStart(SUFFIX_LENGTH, '0')}`
}

/** 2–128 characters, letters of any script, digits and `:_.-`, not beginning with a URL scheme. */
export function checkInstanceName(name: string | undefined): void {
  if (name === undefined) return
  const valid = name.length >= 2 && name.length <= 128 && /^[\p{L}\p{N}:_.\- ]+$/u.test(name)
  if (!valid || /^https?:\/\//.test(name)) throw refuse('InvalidInstanceName.Malformed')
}

/** Windows: 2–15, no dots, not digits alone. Linux: 2–64, dot-separated segments. No `.` or `-` at the ends or doubled. */
export function checkHostName(name: string | undefined, os: 'linux' | 'windows'): void {
  if (name === undefined) return
  const windows = os === 'windows'
  const longest = windows ? 15 : 64
  const allowed = windows ? /^[A-Za-z0-9-]+$/ : /^[A-Za-z0-9.-]+$/
  const valid = name.length >= 2 && name.length <= longest && allowed.test(name)
  if (!valid || /^[.-]|[.-]$|[.-]{2}/.test(name) || (windows && /^\d+$/.test(name))) {
    throw refuse('InvalidHostName.Malformed')
  }
}

/** 8–30 characters of at least three classes; on Windows not beginning with `/`. */
export function checkPassword(password: string | undefined, os: 'linux' | 'windows'): void {
  if (password === undefined) return
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[()`~!@#$%^&*\-_+=|{}[\]:;'"\\<>,.?/]/]
  const known = /^[A-Za-z0-9()`~!@#$%^&*\-_+=|{}[\]:;'"\\<>,.?/]{8,30}$/.test(password)
  const varied = classes.filter((kind) => kind.test(password)).length >= 3
  if (!known || !varied || (os === 'windows' && password.startsWith('/')))
    throw refuse('InvalidPassword.Malformed')
}
