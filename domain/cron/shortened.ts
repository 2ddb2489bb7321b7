/** Longer than what anybody means: an error does not repeat it all. */
const MAX_SHOWN = 1_000
const SHOWN = 60

/** A text as errors quote it: whole, or its beginning when it is absurdly long. */
export const shortened = (text: string): string =>
  text.length > MAX_SHOWN ? `${text.slice(0, SHOWN)}…` : text
