import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { startEmulator } from '../../emulator/index.ts'
import { createLog } from '../log.ts'
import { printJson } from '../output.ts'
import { agentBundle } from '../paths.ts'
import { WISHED_PORTS, wishedOrAny } from '../stack/ports.ts'
import { untilToldToStop } from '../stop.ts'

interface EmulatorCommandOptions {
  port?: number
  state?: string
  seed?: string
  json?: boolean
}

/** The emulated cloud alone: `npm run emulator`. */
export function emulatorCommand(): Command {
  return new Command('emulator')
    .description('run the emulated Alibaba Cloud ECS on loopback')
    .option('--port <port>', `default ${WISHED_PORTS.emulator}, or any free one`, port)
    .option('--state <folder>', 'keep instances over a restart')
    .option('--seed <text>', 'the same ids and delays every time')
    .option('--json', 'print one JSON line when it is ready')
    .action(emulate)
}

function port(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new InvalidArgumentError('0 to 65535')
  return number
}

async function emulate(options: EmulatorCommandOptions): Promise<void> {
  const log = createLog()
  const emulator = await startEmulator({
    port: options.port ?? (await wishedOrAny(WISHED_PORTS.emulator)),
    agentCommand: [process.execPath, agentBundle],
    stateDir: options.state ?? mkdtempSync(join(tmpdir(), 'muster-emulator-')),
    ...(options.state && { stateFile: join(options.state, 'cloud.json') }),
    ...(options.seed && { seed: options.seed }),
    log: ({ message, ...fields }) => log.info(fields, message),
  })
  try {
    const { url, endpoint, adminUrl, credentials } = emulator
    if (options.json) printJson({ ok: true, url, endpoint, adminUrl, credentials })
    else {
      console.log(`emulated ECS at ${url}, to look at and to control at ${adminUrl}`)
      console.log(`access key ${credentials.accessKeyId}, secret ${credentials.accessKeySecret}`)
    }
    await untilToldToStop(new Promise<never>(() => {}))
  } finally {
    await emulator.close()
  }
}
