import { join } from 'node:path'
import type { ByHand } from './identity.ts'
import { DEFAULT_METADATA_URL } from './metadata.ts'

export interface AgentOptions extends ByHand {
  metadataUrl: string
  /** Source address of every connection the agent opens. */
  localAddress?: string
  bootId?: string
  /** Survives restarts of the agent and reboots of the host. */
  stateDir: string
}

/**
 * What the environment says, none of it needed on a host that Muster launched:
 * - `MUSTER_METADATA_URL` another metadata service than the cloud's
 * - `MUSTER_API_URL`, `MUSTER_TOKEN` for running the agent by hand, instead of the user data's enrollment
 * - `MUSTER_INSTANCE_ID` with those, when no metadata service knows the instance
 * - `MUSTER_LOCAL_ADDRESS`, `MUSTER_BOOT_ID`, `MUSTER_STATE_DIR`
 */
export function readOptions(
  env: Record<string, string | undefined>,
  platform: NodeJS.Platform,
): AgentOptions {
  const set = <K extends string>(key: K, name: string): { [P in K]?: string } =>
    env[name] ? ({ [key]: env[name] } as { [P in K]?: string }) : {}
  return {
    metadataUrl: (env['MUSTER_METADATA_URL'] || DEFAULT_METADATA_URL).replace(/\/+$/, ''),
    stateDir: env['MUSTER_STATE_DIR'] || defaultStateDir(env, platform),
    ...set('apiUrl', 'MUSTER_API_URL'),
    ...set('token', 'MUSTER_TOKEN'),
    ...set('instanceId', 'MUSTER_INSTANCE_ID'),
    ...set('localAddress', 'MUSTER_LOCAL_ADDRESS'),
    ...set('bootId', 'MUSTER_BOOT_ID'),
  }
}

function defaultStateDir(env: Record<string, string | undefined>, platform: NodeJS.Platform): string {
  return platform === 'win32'
    ? join(env['ProgramData'] ?? String.raw`C:\ProgramData`, 'Muster', 'agent')
    : '/var/lib/muster-agent'
}
