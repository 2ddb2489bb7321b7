import { setImmediate as turn } from 'node:timers/promises'
import type { HostId } from '../../domain/ids.ts'
import type { HostSummary, Store } from '../../store/contract.ts'

/** @throws MusterError `unavailable` when the store does not answer */
export type HostSummaryReader = (host: HostId) => Promise<HostSummary | undefined>

/** Far below what a query may have as parameters. */
const MAX_AT_ONCE = 500

/**
 * Reads the summaries that are asked for in one turn of the event loop with one query: when all hosts of a fleet post
 * `started` at once, a query for each would delay all answers. Nothing is cached; each answer is read after it was asked for.
 */
export function createHostSummaryReader({ hosts }: Pick<Store, 'hosts'>): HostSummaryReader {
  let names = new Set<HostId>()
  let rows: Promise<Map<HostId, HostSummary>> | undefined

  /** From its query on nobody joins: an answer must not be older than its question. */
  async function readAfterThisTurn(asked: Set<HostId>): Promise<Map<HostId, HostSummary>> {
    await turn()
    if (names === asked) rows = undefined
    const found = await hosts.summaries([...asked])
    return new Map(found.map((row) => [row.host, row]))
  }

  return async function readHostSummary(host) {
    if (rows === undefined || names.size >= MAX_AT_ONCE) {
      names = new Set()
      rows = readAfterThisTurn(names)
    }
    names.add(host)
    return (await rows).get(host)
  }
}
