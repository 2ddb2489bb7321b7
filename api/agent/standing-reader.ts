import { setImmediate as turn } from 'node:timers/promises'
import type { HostId } from '../../domain/ids.ts'
import type { HostStanding, Store } from '../../store/contract.ts'

/** @throws MusterError `unavailable` when the store does not answer */
export type StandingReader = (host: HostId) => Promise<HostStanding | undefined>

/** Far below what a query may have as parameters. */
const MAX_AT_ONCE = 500

/**
 * Reads where hosts stand, those that are asked for in one turn of the event loop by one query: when a whole fleet says
 * `started`, its answers wait for each other's work. Nothing is remembered; each answer is read after it was asked for.
 */
export function createStandingReader({ hosts }: Pick<Store, 'hosts'>): StandingReader {
  let names = new Set<HostId>()
  let rows: Promise<Map<HostId, HostStanding>> | undefined

  /** From its query on nobody joins: an answer must not be older than its question. */
  async function readAfterThisTurn(asked: Set<HostId>): Promise<Map<HostId, HostStanding>> {
    await turn()
    if (names === asked) rows = undefined
    const found = await hosts.standings([...asked])
    return new Map(found.map((row) => [row.host, row]))
  }

  return async function readStanding(host) {
    if (rows === undefined || names.size >= MAX_AT_ONCE) {
      names = new Set()
      rows = readAfterThisTurn(names)
    }
    names.add(host)
    return (await rows).get(host)
  }
}
