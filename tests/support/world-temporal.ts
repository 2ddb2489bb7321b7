import { randomUUID } from 'node:crypto'
import { Client, Connection } from '@temporalio/client'
import { InternalConnectionOptionsSymbol } from '@temporalio/client/lib/connection.js'
import type { Cleanup } from '../../cli/stack/cleanup.ts'
import { namespaceId } from '../../cli/stack/namespace.ts'
import type { TemporalPart } from '../../cli/stack/temporal.ts'
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts'
import { findTemporalCli, findTestServer } from '../../scripts/setup/temporal.mjs'
import { startTemporalDevServer } from '../../scripts/temporal/dev-server.ts'
import { startTimeSkippingServer } from '../../scripts/temporal/test-server.ts'

const VALUE_TYPES = { Keyword: 2, Int: 3, Datetime: 6 } as const

export interface WorldTemporalOptions {
  /** `skip`: the time-skipping test server, whose time is one for all; `dev`: the real dev server. */
  server: 'dev' | 'skip'
  /** SQLite file of the dev server. */
  temporalDb?: string
  /** Dev server only: continue-as-new is suggested to a run of this many events; the server's own is 4,096. */
  suggestNewRunAfter?: number
}

/** A real Temporal server and a client of it, until the cleanup. */
export async function temporalOf(
  { server, temporalDb, suggestNewRunAfter }: WorldTemporalOptions,
  cleanup: Cleanup,
): Promise<TemporalPart> {
  const running =
    server === 'skip'
      ? await startTimeSkippingServer({ binary: await findTestServer() })
      : await startTemporalDevServer({
          cli: await findTemporalCli(),
          headless: true,
          searchAttributes: SEARCH_ATTRIBUTES,
          ...(temporalDb && { dbFile: temporalDb }),
          ...(suggestNewRunAfter !== undefined && {
            extraArgs: [
              '--dynamic-config-value',
              `limit.historyCount.suggestContinueAsNew=${suggestNewRunAfter}`,
            ],
          }),
        })
  cleanup.add('Temporal', () => running.stop())
  const { address } = running
  // The SDK gives its test service only to its own test environment, whose start-up we do not use.
  const connection = await Connection.connect({
    address,
    [InternalConnectionOptionsSymbol]: { supportsTestService: server === 'skip' },
  } as never)
  cleanup.add('connection', () => connection.close())
  if (server === 'skip') {
    const searchAttributes = Object.fromEntries(
      Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, VALUE_TYPES[type]]),
    )
    await connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes })
  }
  const client = new Client({ connection })
  const id = server === 'skip' ? randomUUID() : await namespaceId(connection, 'default')
  return { address, namespace: 'default', namespaceId: id, connection, client }
}
