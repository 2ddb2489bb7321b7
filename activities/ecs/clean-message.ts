const MAX_LENGTH = 240
const CUT = '[cut]'

/** Parameters the cloud quotes by name, whatever follows them. */
const NAMED =
  /(user[-_ ]?data|password|passwd|signature|security[-_ ]?token|access[-_ ]?key[-_ ]?secret|authorization)(["']?\s*[:=]\s*)("[^"]*"|'[^']*'|\S+)/gi
/** What a signature error quotes is the whole request. */
const STRING_TO_SIGN = /(string ?to ?sign|canonical ?request)[\s\S]*/gi
const URL = /https?:\/\/\S+/gi
/** Base64, hex and percent-encoded parameters; ids and request ids are shorter. */
const LONG_RUN = /[A-Za-z0-9+/_=%-]{40,}/g
const TOKEN = /v1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g

/**
 * The cloud's own words, fit for histories and logs: it may quote parameters, and user data holds a token. What is known
 * to be secret goes by its text, the rest by its look; one line, at most 240 characters.
 */
export function cleanMessage(message: string, secrets: string[] = []): string {
  const known = secrets
    .filter((secret) => secret.length > 3)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
  const withoutKnown = known.reduce((text, secret) => text.replaceAll(secret, CUT), message)
  const cleaned = withoutKnown
    .replace(STRING_TO_SIGN, `$1 ${CUT}`)
    .replace(URL, CUT)
    .replace(NAMED, `$1$2${CUT}`)
    .replace(TOKEN, CUT)
    .replace(LONG_RUN, CUT)
    .replace(/\s+/g, ' ')
    .trim()
  return cleaned.length > MAX_LENGTH ? `${cleaned.slice(0, MAX_LENGTH)}…` : cleaned
}
