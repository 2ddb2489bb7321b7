import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCleanup, type Cleanup } from '../../cli/stack/cleanup.ts'
import { startTemporal, type TemporalPart } from '../../cli/stack/temporal.ts'
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts'
import { startTemporalDevServer } from '../../scripts/temporal/dev-server.ts'
import type { BenchContext } from '../row.ts'

/** What a row stands on: its own Temporal server, and a folder that goes away with it. */
export interface Ground {
  temporal: TemporalPart
  folder: string
  /** Takes what else the row has started. */
  cleanup: Cleanup
}

/**
 * Gives a row its ground and takes everything away afterwards, also when the row fails. The server keeps its data in
 * memory: disks differ more between machines than code does.
 */
export async function onGround<T>(context: BenchContext, use: (ground: Ground) => Promise<T>): Promise<T> {
  const cleanup = createCleanup((name, error) =>
    context.say(`${name} did not end in order: ${String(error)}`),
  )
  try {
    const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'))
    cleanup.add('folder', () => rmSync(folder, { recursive: true, force: true }))
    const server = await startTemporalDevServer({
      cli: context.temporalCli,
      headless: true,
      searchAttributes: SEARCH_ATTRIBUTES,
    })
    cleanup.add('Temporal dev server', () => server.stop())
    const options = { address: server.address, namespace: 'default', log: () => {} }
    const temporal = await startTemporal(options, cleanup)
    return await use({ temporal, folder, cleanup })
  } finally {
    await cleanup.run()
  }
}
