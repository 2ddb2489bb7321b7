/**
 * Waits for Ctrl-C or a polite kill, or for a part to fail. A second signal ends the process at once.
 * @throws what the part failed with
 */
export async function untilToldToStop(failed: Promise<never>): Promise<void> {
  await Promise.race([failed, signalled()])
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const stop = () => {
      if (asked) process.exit(130)
      asked = true
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  })
}
