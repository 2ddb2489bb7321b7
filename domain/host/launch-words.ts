/** What lists and `explain` say of a launch that has no good answer yet. */
export const LAUNCH_WORDS = {
  /** @param maybeDone the try may have made the instance: its answer is what is missing */
  again: (code: string, maybeDone: boolean): string =>
    maybeDone
      ? `the last try got no answer (${code}); the same is asked again`
      : `the last try was refused (${code}); the same is asked again`,
  lookup: 'no clear answer to its launch: it is looked for by its tags, twice, a minute apart',
} as const
