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
  const isSet = (name: string) => Boolean(env[name])
  const variables = (...names: string[]) =>
    names.every(isSet) ? 'set' : `not set: ${names.filter((name) => !isSet(name)).join(', ')}`
  const isTrue = (name: string) => env[name]?.toLowerCase() === 'true'
  const file = (path: string) => (existsSync(path) ? 'there' : 'not there')
  const profile = env['ALIBABA_CLOUD_CREDENTIALS_FILE'] || join(home, '.alibabacloud', 'credentials')
  const cliProfile = join(home, '.aliyun', 'config.json')
  return [
    {
      name: 'environment',
      found: variables('ALIBABA_CLOUD_ACCESS_KEY_ID', 'ALIBABA_CLOUD_ACCESS_KEY_SECRET'),
    },
    {
      name: 'OIDC role',
      found: variables(
        'ALIBABA_CLOUD_ROLE_ARN',
        'ALIBABA_CLOUD_OIDC_PROVIDER_ARN',
        'ALIBABA_CLOUD_OIDC_TOKEN_FILE',
      ),
    },
    {
      name: `profile of the aliyun command, ${cliProfile}`,
      found: isTrue('ALIBABA_CLOUD_CLI_PROFILE_DISABLED') ? 'disabled' : file(cliProfile),
    },
    { name: `profile file ${profile}`, found: file(profile) },
    {
      name: 'RAM role of this ECS instance',
      found: isTrue('ALIBABA_CLOUD_ECS_METADATA_DISABLED') ? 'disabled' : 'no role, or no ECS instance',
    },
    { name: 'credentials URI', found: variables('ALIBABA_CLOUD_CREDENTIALS_URI') },
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
    // No source has one; `credentialSources` tells what each lacks.
    return undefined
  }
}
