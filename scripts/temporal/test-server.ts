import { startChildServer } from './child-server.ts'
import type { ChildServer } from './child-server.ts'
import { connectOnce } from './connect.ts'
import { freePorts } from './free-port.ts'

const PROBE_MS = 1_000

export interface TimeSkippingServerOptions {
  /** Path of temporal-test-server. */
  binary: string
  /** A free one by default. */
  port?: number
  /** Default 30 s. */
  readyTimeoutMs?: number
}

export interface TimeSkippingServer extends ChildServer {
  /** `127.0.0.1:<port>` */
  address: string
}

/**
 * Starts Temporal's time-skipping test server on loopback and waits until gRPC answers. One per test file: its time is
 * one for all its workflows. It takes a port and nothing else.
 * @throws MusterError `unavailable` | `timed_out` with the server's last words; nothing is left running
 */
export async function startTimeSkippingServer({
  binary,
  port,
  readyTimeoutMs = 30_000,
}: TimeSkippingServerOptions): Promise<TimeSkippingServer> {
  const [freePort = 0] = await freePorts(1)
  const address = `127.0.0.1:${port ?? freePort}`
  const server = await startChildServer({
    name: "Temporal's test server",
    program: binary,
    args: [String(port ?? freePort)],
    log: undefined,
    readyTimeoutMs,
    probe: async (leftMs) => {
      const connection = await connectOnce(address, Math.min(PROBE_MS, leftMs))
      await connection.close()
    },
  })
  return { ...server, address }
}
