import { createServer } from 'node:net'

/** The ports a stack would like: the ones its users know. */
export const WISHED_PORTS = { api: 8100, temporal: 7233, temporalUi: 8233, emulator: 8110 } as const

/** The wished port when nobody listens on it, else 0: any free one. */
export async function wishedOrAny(port: number, host = '127.0.0.1'): Promise<number> {
  return (await isFree(port, host)) ? port : 0
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
}
