import { Client } from '@temporalio/client'
import { MusterError } from '../../domain/errors.ts'
import { printJson } from '../output.ts'
import { runningStack } from '../stack/remembered.ts'
import { connectClient } from '../stack/temporal.ts'
import { fastForward } from '../time/fast-forward.ts'

/** @throws MusterError `unavailable` without a stack on this machine, `conflict` for a host that does not merely wait */
export async function skip(id: string, { json }: { json?: boolean }): Promise<void> {
  const running = runningStack()
  if (!running)
    throw new MusterError(
      'unavailable',
      'no stack runs on this machine: fast-forward is for `npm start` alone',
    )
  const connection = await connectClient(running.temporal)
  try {
    const skippedMs = await fastForward(new Client({ connection, namespace: running.namespace }), id)
    if (json) return printJson({ ok: true, host: id, skippedMs })
    console.log(`${id}: ${Math.round(skippedMs / 1000)} s skipped; its boot deadline passes now`)
  } finally {
    await connection.close()
  }
}
