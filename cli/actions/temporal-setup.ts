import { Client } from '@temporalio/client'
import { MusterError } from '../../domain/errors.ts'
import type { SetupOptions } from '../commands/temporal.ts'
import { printJson } from '../output.ts'
import { setUpNamespace } from '../stack/namespace.ts'
import type { TemporalAccess } from '../stack/temporal-access.ts'
import { asCaller, connectClient } from '../stack/temporal.ts'

export async function setUpTemporal(options: SetupOptions): Promise<void> {
  const access = accessOf(options)
  const connection = await connectClient(access)
  try {
    const client = new Client({ connection, namespace: options.namespace })
    const done = await asCaller(access, () =>
      setUpNamespace(client, options.namespace, options.retentionDays),
    )
    if (options.json) return printJson({ ok: true, ...done })
    console.log(`namespace ${options.namespace}: ${done.namespace === 'created' ? 'made' : 'was there'}`)
    console.log(`search attributes: ${done.added.length} added, ${done.there.length} were there`)
  } finally {
    await connection.close()
  }
}

/** Any word about certificates or keys means TLS. */
function accessOf(options: SetupOptions): TemporalAccess {
  const { address, tls, tlsCa, tlsCert, tlsKey, tlsServerName, apiKeyEnv } = options
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new MusterError('bad_request', 'say --tls-cert and --tls-key together, or neither')
  // Not repeated in the error: a user who mistakes it for the key itself has written a secret there.
  if (apiKeyEnv !== undefined && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(apiKeyEnv))
    throw new MusterError(
      'bad_request',
      '--api-key-env takes the name of an environment variable that holds the key, never the key itself',
    )
  const files = {
    ...(tlsServerName !== undefined && { serverName: tlsServerName }),
    ...(tlsCa !== undefined && { caFile: tlsCa }),
    ...(tlsCert !== undefined && { certFile: tlsCert }),
    ...(tlsKey !== undefined && { keyFile: tlsKey }),
  }
  const isTls = tls === true || apiKeyEnv !== undefined || Object.keys(files).length > 0
  return { address, ...(isTls && { tls: files }), ...(apiKeyEnv !== undefined && { apiKeyEnv }) }
}
