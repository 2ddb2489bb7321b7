import { createServer } from 'node:net'

/** The ports a stack would like: the ones its users know. */
export const WISHED_PORTS = { api: 8100, temporal: 7233, temporalUi: 8233, emulator: 8110 } as const

/** Said to the user when something listens elsewhere than usual. */
export type Notice = (text: string) => void

/** How many ports from the wished one on are looked at: the next block is another part's. */
const NEAR = 10

/** The first free port from the wished one on, near it; else 0: any. What keeps its port is found again. */
export async function portNear(wished: number, host = '127.0.0.1'): Promise<number> {
  for (let port = wished; port < Math.min(wished + NEAR, 65_536); port += 1) {
    if (await isFree(port, host)) return port
  }
  return 0
}

/**
 * Starts something on the wished port, or on another one when that is taken: before, or in the very moment.
 * @param start given a port or 0 for any, answers what runs and where
 */
export async function startAtWished<T>(
  { what, port, notice }: { what: string; port: number; notice: Notice },
  start: (port: number) => Promise<{ part: T; port: number }>,
): Promise<T> {
  const first = await portNear(port)
  const started = await start(first).catch(async (error: unknown) => {
    if (first === 0 || (await isFree(first))) throw error
    return await start(0)
  })
  if (started.port !== port) {
    notice(`port ${port} is taken by another program: ${what} is at port ${started.port}`)
  }
  return started.part
}

export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
}

/** Of `http://host:port` or `host:port`. */
export const portOf = (address: string): number => Number(/:(\d+)\/?$/.exec(address)?.[1] ?? 0)
