/** What lists and `explain` say of a launch that has no good answer yet. */
export const LAUNCH_WORDS = {
  /** @param maybeDone the try may have made the instance: its answer is what is missing */
  again: (code: string, maybeDone: boolean): string =>
    maybeDone
      ? `the last try got no answer (${code}); the same is asked again`
      : `the last try was refused (${code}); the same is asked again`,
  lookup: 'no clear answer to its launch: it is looked for by its tags, twice, a minute apart',
} as const

const REFUSED = /^the (account|request) was refused \(/

/** Why a host waits whose launch was refused for what only a person can mend; {@link refusalIn} reads it. */
export const refusedText = (kind: 'account' | 'request', code: string): string =>
  `the ${kind} was refused (${code}); a person must act`

/** What was refused, by the reason of a waiting host; undefined: it waits for something else. */
export const refusalIn = (reason: string): 'account' | 'request' | undefined =>
  REFUSED.exec(reason)?.[1] as 'account' | 'request' | undefined
