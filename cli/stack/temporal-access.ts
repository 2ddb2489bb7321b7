import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { TemporalTls } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import type { TemporalEndpoint } from '../../worker/temporal-endpoint.ts'
import { whyUnreadable } from '../why-unreadable.ts'

/** How a Temporal server is reached: names of files and of a variable, never what they hold. */
export interface TemporalAccess {
  /** host:port */
  address: string
  /** Absent: in plain text. Paths are absolute, or relative to where the process runs. */
  tls?: TemporalTls
  apiKeyEnv?: string
}

/**
 * Reads what the access names. Every connection to Temporal is made of what comes out here.
 * @throws MusterError `bad_config` naming the file or the variable, never what is in it
 */
export async function endpointOf({ address, tls, apiKeyEnv }: TemporalAccess): Promise<TemporalEndpoint> {
  return {
    address,
    ...(tls && { tls: await tlsOf(tls) }),
    ...(apiKeyEnv !== undefined && { apiKey: apiKeyOf(apiKeyEnv) }),
  }
}

async function tlsOf({ serverName, caFile, certFile, keyFile }: TemporalTls) {
  return {
    ...(serverName !== undefined && { serverNameOverride: serverName }),
    ...(caFile !== undefined && { serverRootCACertificate: (await certificate(caFile, 'the CA')).pem }),
    ...(certFile !== undefined &&
      keyFile !== undefined && { clientCertPair: await clientCertificate(certFile, keyFile) }),
  }
}

async function clientCertificate(certFile: string, keyFile: string) {
  const crt = await certificate(certFile, 'the client certificate')
  const key = await privateKey(keyFile)
  if (!crt.parsed.checkPrivateKey(key.parsed))
    throw new MusterError(
      'bad_config',
      `the client key for Temporal in ${keyFile} is not that of the certificate in ${certFile}: name the two that belong together`,
    )
  return { crt: crt.pem, key: key.pem }
}

async function certificate(file: string, use: string): Promise<{ pem: Buffer; parsed: X509Certificate }> {
  const pem = await read(file, use)
  try {
    // It would take DER as well, which nobody else here does.
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('not PEM')
    return { pem, parsed: new X509Certificate(pem) }
  } catch (cause) {
    throw unusable(file, use, 'it holds no certificate in PEM', cause)
  }
}

async function privateKey(file: string): Promise<{ pem: Buffer; parsed: KeyObject }> {
  const use = 'the client key'
  const pem = await read(file, use)
  try {
    return { pem, parsed: createPrivateKey(pem) }
  } catch (cause) {
    throw unusable(file, use, 'it holds no private key in PEM, or one that needs a passphrase', cause)
  }
}

async function read(file: string, use: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw unusable(file, use, whyUnreadable(cause), cause)
  }
}

const unusable = (file: string, use: string, reason: string, cause: unknown): MusterError =>
  new MusterError('bad_config', `cannot use ${file} as ${use} for Temporal: ${reason}`, { cause })

/** What a header can carry. A line break at the end comes with many a file. */
const KEY = /^[\x21-\x7e]+$/

function apiKeyOf(variable: string): string {
  const key = process.env[variable]
  if (!key) {
    throw new MusterError(
      'bad_config',
      `the API key of Temporal is wanted from ${variable}, but that variable is not set`,
    )
  }
  if (KEY.test(key)) return key
  throw new MusterError(
    'bad_config',
    `${variable} holds what no API key of Temporal can be: there is a space, a line break or a strange character in it`,
  )
}
