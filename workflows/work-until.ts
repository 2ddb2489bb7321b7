import { CancellationScope } from '@temporalio/workflow'

/**
 * Carries out work that polls, until it has a result or `ended` is fulfilled. The work has really ended then, not only
 * been cancelled: a run that continues as a new one leaves nothing open.
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
