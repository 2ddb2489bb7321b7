import { Client } from '@temporalio/client'
import type { SetupOptions } from '../commands/temporal.ts'
import { printJson } from '../output.ts'
import { setUpNamespace } from '../stack/namespace.ts'
import { connectClient } from '../stack/temporal.ts'

export async function setUpTemporal(options: SetupOptions): Promise<void> {
  const connection = await connectClient(options.address)
  try {
    const client = new Client({ connection, namespace: options.namespace })
    const done = await setUpNamespace(client, options.namespace, options.retentionDays)
    if (options.json) return printJson({ ok: true, ...done })
    console.log(`namespace ${options.namespace}: ${done.namespace === 'created' ? 'made' : 'was there'}`)
    console.log(`search attributes: ${done.added.length} added, ${done.there.length} were there`)
  } finally {
    await connection.close()
  }
}
