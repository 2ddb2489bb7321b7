import type { TemporalAccess } from './temporal-access.ts'

/** The command that prepares this server, as a person types it. */
export function setupWords({ address, tls, apiKeyEnv }: TemporalAccess, namespace: string): string {
  const { serverName, caFile, certFile, keyFile } = tls ?? {}
  const options: [string, string | undefined][] = [
    ['--tls-ca', caFile],
    ['--tls-cert', certFile],
    ['--tls-key', keyFile],
    ['--tls-server-name', serverName],
    ['--api-key-env', apiKeyEnv],
  ]
  const said = options.flatMap(([name, value]) => (value === undefined ? [] : [name, quoted(value)]))
  return [
    `muster temporal setup --address ${address} --namespace ${namespace}`,
    ...(tls && said.length === 0 ? ['--tls'] : said),
  ].join(' ')
}

/** A path with a space in it is still one word. */
const quoted = (word: string): string =>
  /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
