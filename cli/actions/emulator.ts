import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MusterError } from '../../domain/errors.ts'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import type { EmulatorOptions } from '../commands/processes.ts'
import { createLog } from '../log.ts'
import { printFacts, printJson } from '../output.ts'
import { agentBundle } from '../paths.ts'
import { isFree, portOf, startAtWished, WISHED_PORTS } from '../stack/ports.ts'
import { listenForStop } from '../stop.ts'

/** Serves until it is asked to stop; instances are lost then, unless a state folder keeps them. */
export async function emulate(options: EmulatorOptions): Promise<void> {
  const stop = listenForStop()
  const scratch = options.state === undefined ? mkdtempSync(join(tmpdir(), 'muster-emulator-')) : undefined
  try {
    const emulator = await start(options, options.state ?? scratch ?? '')
    try {
      printAddresses(emulator, options.json === true)
      await stop.told
    } finally {
      await emulator.close()
    }
  } finally {
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true })
  }
}

async function start(options: EmulatorOptions, folder: string): Promise<Emulator> {
  const log = createLog()
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const startAt = (port: number) =>
    startEmulator({
      port,
      agentCommand: [process.execPath, agentBundle],
      stateDir: folder,
      ...(options.state && { stateFile: join(folder, 'cloud.json') }),
      ...(options.seed && { seed: options.seed }),
      log: ({ message, ...fields }) => log.info(fields, message),
    })
  if (options.port !== undefined) {
    if (options.port === 0 || (await isFree(options.port))) return await startAt(options.port)
    throw new MusterError(
      'conflict',
      `port ${options.port} is taken by another program: choose another --port`,
    )
  }
  const notice = (text: string) => console.error(`muster: ${text}`)
  const wished = { what: 'the emulated cloud', port: WISHED_PORTS.emulator, notice }
  return await startAtWished(wished, async (port) => {
    const part = await startAt(port)
    return { part, port: portOf(part.endpoint) }
  })
}

function printAddresses({ url, endpoint, adminUrl, credentials }: Emulator, json: boolean): void {
  if (json) return printJson({ ok: true, url, endpoint, adminUrl, credentials })
  const { accessKeyId, accessKeySecret } = credentials
  printFacts({
    'emulated ECS': url,
    'to look at and control': adminUrl,
    'access key': accessKeyId,
    secret: accessKeySecret,
  })
  console.log('\nCtrl-C ends it.')
}
