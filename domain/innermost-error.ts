/** The first error of a chain of causes: what was thrown where the work was done. */
export function innermostError(error: Error): Error {
  let innermost = error
  while (innermost.cause instanceof Error) innermost = innermost.cause
  return innermost
}
