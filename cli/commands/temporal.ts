import { Client, Connection } from '@temporalio/client'
import { Command, InvalidArgumentError } from 'commander'
import { printJson } from '../output.ts'
import { setUpNamespace } from '../stack/namespace.ts'

interface SetupOptions {
  address: string
  namespace: string
  retentionDays: number
  json?: boolean
}

/** Prepares a Temporal server for Muster. */
export function temporalCommand(): Command {
  return new Command('temporal').description('prepare a Temporal server').addCommand(
    new Command('setup')
      .description('make the namespace and register the search attributes; running it again changes nothing')
      .option(
        '--address <host:port>',
        'of the Temporal frontend',
        process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233',
      )
      .option('--namespace <name>', 'to make or complete', process.env['TEMPORAL_NAMESPACE'] ?? 'default')
      .option('--retention-days <days>', 'of a new namespace, 1 to 90', days, 7)
      .option('--json', 'print JSON')
      .action(setup),
  )
}

function days(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1 || number > 90)
    throw new InvalidArgumentError('a whole number from 1 to 90')
  return number
}

async function setup(options: SetupOptions): Promise<void> {
  const connection = await Connection.connect({ address: options.address, connectTimeout: '10 seconds' })
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
