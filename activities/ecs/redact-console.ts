const CUT = '[cut]'
const MARKED = /(muster-enrollment:\s*)\S+/g
const TOKEN = /v1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g
const ENCODED = /[A-Za-z0-9+/_-]{40,}={0,2}/g

/**
 * Console text without the enrollment token, in whatever form an image prints its user data: the line as it is, the
 * bare token, or base64 of either.
 */
export function redactConsole(text: string): string {
  return text
    .replace(MARKED, `$1${CUT}`)
    .replace(TOKEN, CUT)
    .replace(ENCODED, (run) => (holdsToken(run) ? CUT : run))
}

function holdsToken(run: string): boolean {
  // A line of a longer text may begin anywhere in a group of four characters.
  return [0, 1, 2, 3].some((skip) =>
    /muster-enrollment|"token"|"apiUrl"|v1\.[\w-]+\.[\w-]{8}/.test(
      Buffer.from(run.slice(skip), 'base64').toString('latin1'),
    ),
  )
}
