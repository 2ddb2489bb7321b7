import { z } from 'zod'
import { defined } from './defined.ts'
import { envName, HOST_PORT, text } from './fields.ts'
import type { MusterConfig } from './types.ts'

/** Who puts the PEM itself here must not find it in an error. */
const FILE = /^(?!.*-----)\P{Cc}{1,1000}$/u

const file = (description: string) =>
  text(FILE, 'the path of a PEM file')
    .optional()
    .meta({ description: `${description} A path is relative to the config file.` })

const tls = z.strictObject({
  serverName: text(/^[A-Za-z0-9.-]{1,253}$/, 'a host name')
    .optional()
    .meta({ description: 'The name in the certificate of the server, where it is not that of the address.' }),
  caFile: file('PEM of the authorities that are trusted, instead of the public ones.'),
  certFile: file('PEM of the certificate, with its chain, that is shown to the server (mTLS).'),
  keyFile: file('PEM of the key of certFile.'),
})

/** How the Temporal server is reached, and as whom. */
export const temporalSchema = z
  .strictObject({
    address: text(HOST_PORT, 'host:port of the Temporal server')
      .optional()
      .meta({ description: 'host:port. Without it `muster dev` starts a server of its own.' }),
    namespace: text(/^[A-Za-z0-9][\w.-]{0,99}$/, 'the name of a Temporal namespace').default('default'),
    tls: z
      .union([z.boolean(), tls], {
        error: 'expected true, false or a map of serverName, caFile, certFile and keyFile',
      })
      .optional()
      .meta({
        description:
          'Whether the server at the address is reached over TLS, and how. Without it in plain text, with an API key over TLS.',
      }),
    apiKeyEnv: envName('the API key of Temporal').optional(),
  })
  .meta({ description: 'The Temporal server.' })

/** Reads the section: TLS is wanted where it is said, and wherever there is a key to be kept from others. */
export function temporalSettings({
  address,
  namespace,
  tls,
  apiKeyEnv,
}: z.output<typeof temporalSchema>): MusterConfig['temporal'] {
  const wanted = tls ?? apiKeyEnv !== undefined
  return {
    namespace,
    ...(address !== undefined && { address }),
    ...(wanted !== false && { tls: wanted === true ? {} : defined(wanted) }),
    ...(apiKeyEnv !== undefined && { apiKeyEnv }),
  }
}
