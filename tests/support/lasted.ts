import { waitFor } from '../../cli/wait-for.ts'

/** Waits until an outage has been as long as it shall be: here the time itself is what is tested. */
export async function lasted(ms: number): Promise<void> {
  const over = performance.now() + ms
  await waitFor(`an outage of ${ms} ms to be over`, () => performance.now() >= over, {
    timeoutMs: ms + 5_000,
  })
}
