import { mkdirSync } from 'node:fs'
import type { Logger } from 'pino'
import type { EcsConfig } from '../../activities/index.ts'
import type { MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import type { Ending } from './ending.ts'
import { WISHED_PORTS, wishedOrAny } from './ports.ts'
import type { DevSecrets } from './secrets.ts'
import type { StateDir } from './state-dir.ts'

/** How the cloud is reached, and the emulator when it is one. */
export interface CloudPart {
  ecs: Omit<EcsConfig, 'region'>
  emulator?: Emulator
}

export interface CloudOptions {
  config: MusterConfig
  state: StateDir
  secrets: DevSecrets
  agentBundle: string
  log: Logger
}

/** A cloud that runs already: the real one, or an emulator at `cloud.endpoint`. Credentials: Alibaba's default chain. */
export function runningCloud({ cloud }: MusterConfig): Omit<EcsConfig, 'region'> {
  if (cloud.kind === 'emulator' && !cloud.endpoint) {
    throw new MusterError(
      'bad_config',
      'cloud.kind is emulator: say where it runs in cloud.endpoint (host:port)',
    )
  }
  const protocol = cloud.protocol ?? (cloud.kind === 'emulator' ? 'http' : 'https')
  return { ...(cloud.endpoint && { endpoint: cloud.endpoint }), protocol }
}

/** The real cloud needs nothing started: credentials come from Alibaba's own default chain. */
export async function startCloud(options: CloudOptions, ending: Ending): Promise<CloudPart> {
  const { cloud } = options.config
  if (cloud.kind === 'alibaba' || cloud.endpoint) return { ecs: runningCloud(options.config) }
  const { accessKeyId, accessKeySecret } = options.secrets.emulator
  const stateDir = options.state.file('emulator')
  mkdirSync(stateDir, { recursive: true })
  const emulator = await startEmulator({
    port: await wishedOrAny(WISHED_PORTS.emulator),
    credentials: { [accessKeyId]: accessKeySecret },
    agentCommand: [process.execPath, options.agentBundle],
    stateDir,
    stateFile: options.state.file('emulator.json'),
    log: (event) => options.log.debug({ part: 'emulator', ...event }, event.message),
  })
  ending.add('emulator', () => emulator.close())
  const credentials = { accessKeyId, accessKeySecret }
  return { ecs: { endpoint: emulator.endpoint, protocol: 'http', credentials }, emulator }
}
