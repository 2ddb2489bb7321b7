import { refuse } from '../errors.ts'

/** Raw bytes; the older documentation says 16 KB. */
const USER_DATA_LIMIT_BYTES = 32 * 1024

/** Checks user data as sent; returns it unchanged, empty when none was. */
export function checkUserData(base64: string | undefined): string {
  if (base64 === undefined) return ''
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    throw refuse('InvalidUserData.Base64FormatInvalid')
  }
  if (Buffer.byteLength(base64, 'base64') > USER_DATA_LIMIT_BYTES)
    throw refuse('InvalidUserData.SizeExceeded')
  return base64
}
