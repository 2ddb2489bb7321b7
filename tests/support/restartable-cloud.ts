import { join } from 'node:path'
import type { Cleanup } from '../../cli/stack/cleanup.ts'
import { startEmulator, type Emulator, type EmulatorOptions } from '../../emulator/index.ts'
import { DEFAULT_CREDENTIALS } from '../../emulator/options.ts'
import type { Part } from './part.ts'
import { restartPort } from './restart-port.ts'

export interface CloudOptions {
  /** How emulated machines behave; default a light agent inside the test. */
  agents?: NonNullable<EmulatorOptions['defaultBehaviour']>['agent']
  clockPolicy?: EmulatorOptions['clockPolicy']
}

export type RestartableCloud = Part & {
  /** The one that runs; after its end the last one. */
  readonly emulator: Emulator
  endpoint: string
  /** As Alibaba's default chain reads them. */
  credentials: Record<string, string>
}

/** The emulated cloud on one port and one state file. Its end is in order: what lived is there again. */
export async function createRestartableCloud(
  folder: string,
  options: CloudOptions,
  cleanup: Cleanup,
): Promise<RestartableCloud> {
  const port = await restartPort()
  const [accessKey] = Object.entries(DEFAULT_CREDENTIALS)
  if (!accessKey) throw new Error('the emulator has no access key of its own')
  let emulator: Emulator | undefined
  let running = false
  const stop = async () => {
    if (!running) return
    running = false
    await emulator?.close()
  }
  cleanup.add('emulator', stop)
  return {
    endpoint: `127.0.0.1:${port}`,
    credentials: {
      ALIBABA_CLOUD_ACCESS_KEY_ID: accessKey[0],
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKey[1],
    },
    get running() {
      return running
    },
    get emulator() {
      if (!emulator) throw new Error('the cloud has not been started yet')
      return emulator
    },
    async start() {
      emulator = await startEmulator({
        port,
        stateDir: join(folder, 'machines'),
        stateFile: join(folder, 'cloud.jsonl'),
        agentCommand: [process.execPath, join(import.meta.dirname, '../../dist/agent.cjs')],
        defaultBehaviour: { agent: options.agents ?? 'light' },
        clockPolicy: options.clockPolicy ?? 'immediate',
        seed: 'chaos',
      })
      running = true
    },
    stop,
    kill: stop,
  }
}
