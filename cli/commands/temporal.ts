import { Command } from 'commander'
import { wholeNumber } from '../usage.ts'

export interface SetupOptions {
  address: string
  namespace: string
  retentionDays: number
  tls?: boolean
  tlsCa?: string
  tlsCert?: string
  tlsKey?: string
  tlsServerName?: string
  apiKeyEnv?: string
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
      .option('--tls', 'speak TLS; so do the options below')
      .option('--tls-ca <file>', 'PEM of the authorities that are trusted, instead of the public ones')
      .option('--tls-cert <file>', 'PEM of a client certificate, together with --tls-key')
      .option('--tls-key <file>', 'PEM of its key')
      .option(
        '--tls-server-name <name>',
        'in the certificate of the server, where it is not that of --address',
      )
      .option('--api-key-env <variable>', 'environment variable that holds the API key, never the key itself')
      .option('--retention-days <days>', 'of a new namespace, 1 to 90', wholeNumber(1, 90), 7)
      .option('--json', 'print JSON')
      .action(async (options: SetupOptions) =>
        (await import('../actions/temporal-setup.ts')).setUpTemporal(options),
      ),
  )
}
