import { mkdirSync } from 'node:fs'
import type { Logger } from 'pino'
import type { EcsConfig } from '../../activities/index.ts'
import type { MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import { DEFAULT_CREDENTIALS } from '../../emulator/options.ts'
import type { Cleanup } from './cleanup.ts'
import { portOf, startAtWished, WISHED_PORTS, type Notice } from './ports.ts'
import type { DevSecrets } from './secrets.ts'
import type { StateDir } from './state-dir.ts'
import { emulatedKeys, plantPage } from './statuspage.ts'

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
  notice: Notice
  log: Logger
}

/** A cloud that runs already: the real one, or an emulator at `cloud.endpoint`. */
export function runningCloud({ cloud }: MusterConfig): Omit<EcsConfig, 'region'> {
  if (cloud.kind === 'alibaba') {
    // Credentials: Alibaba's own default chain.
    return { ...(cloud.endpoint && { endpoint: cloud.endpoint }), protocol: cloud.protocol ?? 'https' }
  }
  if (!cloud.endpoint) {
    throw new MusterError(
      'bad_config',
      'cloud.kind is emulator: say where it runs in cloud.endpoint (host:port)',
    )
  }
  const credentials = emulatorCredentials()
  return { endpoint: cloud.endpoint, protocol: cloud.protocol ?? 'http', credentials }
}

/** Of the environment, else the key that every emulator knows: a person's own profile has no business there. */
function emulatorCredentials(): { accessKeyId: string; accessKeySecret: string } {
  const [[defaultId, defaultSecret] = ['', '']] = Object.entries(DEFAULT_CREDENTIALS)
  const accessKeyId = process.env['ALIBABA_CLOUD_ACCESS_KEY_ID']
  const accessKeySecret = process.env['ALIBABA_CLOUD_ACCESS_KEY_SECRET']
  if (accessKeyId && accessKeySecret) return { accessKeyId, accessKeySecret }
  return { accessKeyId: defaultId, accessKeySecret: defaultSecret }
}

/** Starts the emulator where the config names no cloud that runs already. */
export async function startCloud(options: CloudOptions, cleanup: Cleanup): Promise<CloudPart> {
  const { cloud } = options.config
  if (cloud.kind === 'alibaba' || cloud.endpoint) return { ecs: runningCloud(options.config) }
  const { accessKeyId, accessKeySecret } = options.secrets.emulator
  const stateDir = options.state.file('emulator')
  mkdirSync(stateDir, { recursive: true })
  const wished = { what: 'the emulated cloud', port: WISHED_PORTS.emulator, notice: options.notice }
  const emulator = await startAtWished(wished, async (port) => {
    const part = await startEmulator({
      port,
      credentials: { [accessKeyId]: accessKeySecret },
      agentCommand: [process.execPath, options.agentBundle],
      stateDir,
      stateFile: options.state.file('emulator.json'),
      statuspageKeys: emulatedKeys(options.config),
      log: (event) => options.log.debug({ part: 'emulator', ...event }, event.message),
    })
    return { part, port: portOf(part.endpoint) }
  })
  cleanup.add('emulator', () => emulator.close())
  plantPage(emulator, options.config)
  const credentials = { accessKeyId, accessKeySecret }
  return { ecs: { endpoint: emulator.endpoint, protocol: 'http', credentials }, emulator }
}
