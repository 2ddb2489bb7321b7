import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import CredentialModule from '@alicloud/credentials'
import { defaultExport } from './default-export.ts'

const Credential = defaultExport(CredentialModule)

/** One place where Alibaba's default chain looks for an access key. */
export interface CredentialSource {
  name: string
  /** What is there, without anything secret. */
  found: string
  /** It has something; only an attempt to use it shows whether that is an access key. */
  isThere: boolean
}

export interface FoundCredentials {
  /** As the SDK names it, like `default/env`. */
  source: string
  /** The key's id; the secret stays where it is. */
  accessKeyId: string
}

/**
 * The places of Alibaba's default chain in its order, and what this process has of each. Nothing is asked over the
 * network: for the last two only whether they are allowed.
 */
export function credentialSources(
  env: Record<string, string | undefined> = process.env,
  home: string = homedir(),
): CredentialSource[] {
  const variables = (name: string, ...names: string[]): CredentialSource => {
    const missing = names.filter((variable) => !env[variable])
    const isThere = missing.length === 0
    return { name, found: isThere ? 'set' : `not set: ${missing.join(', ')}`, isThere }
  }
  const file = (name: string, path: string, switchedOff = false): CredentialSource => {
    const isThere = !switchedOff && existsSync(path)
    const found = switchedOff ? 'disabled' : isThere ? 'there' : 'not there'
    return { name: `${name} ${path}`, found, isThere }
  }
  const isTrue = (variable: string) => env[variable]?.toLowerCase() === 'true'
  const profile = env['ALIBABA_CLOUD_CREDENTIALS_FILE'] || join(home, '.alibabacloud', 'credentials')
  const cliProfile = join(home, '.aliyun', 'config.json')
  const noMetadata = isTrue('ALIBABA_CLOUD_ECS_METADATA_DISABLED')
  return [
    variables('environment', 'ALIBABA_CLOUD_ACCESS_KEY_ID', 'ALIBABA_CLOUD_ACCESS_KEY_SECRET'),
    variables(
      'OIDC role',
      'ALIBABA_CLOUD_ROLE_ARN',
      'ALIBABA_CLOUD_OIDC_PROVIDER_ARN',
      'ALIBABA_CLOUD_OIDC_TOKEN_FILE',
    ),
    file('profile of the aliyun command', cliProfile, isTrue('ALIBABA_CLOUD_CLI_PROFILE_DISABLED')),
    file('profile file', profile),
    {
      name: 'RAM role of this ECS instance',
      found: noMetadata ? 'disabled' : 'no role, or no ECS instance',
      isThere: false,
    },
    variables('credentials URI', 'ALIBABA_CLOUD_CREDENTIALS_URI'),
  ]
}

/**
 * Asks Alibaba's default chain. Its own error is not passed on: it lists paths and quotes answers of services.
 *
 * @returns undefined when no source has a key
 */
export async function findCredentials(): Promise<FoundCredentials | undefined> {
  try {
    const { accessKeyId, providerName } = await new Credential().getCredential()
    return accessKeyId ? { source: providerName ?? 'default', accessKeyId } : undefined
  } catch {
    // No source has one; `credentialSources` says what each lacks.
    return undefined
  }
}
