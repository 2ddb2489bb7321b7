import { CancellationScope } from '@temporalio/workflow'

/**
 * Carries work out that looks again and again, until it has a result or `ended` is fulfilled. It is over then, and not
 * only told to be: a run that goes on as a new one leaves nothing open.
 * @returns its result, or undefined when it was ended
 */
export async function workUntil<T>(work: () => Promise<T>, ended: Promise<unknown>): Promise<T | undefined> {
  const scope = new CancellationScope({ cancellable: true })
  const working = scope.run(work)
  let isEnded = false
  const end = ended.then(() => {
    isEnded = true
  })
  try {
    await Promise.race([working, end])
    if (isEnded) scope.cancel()
    return await working
  } catch (error) {
    if (isEnded) return undefined
    throw error
  }
}
