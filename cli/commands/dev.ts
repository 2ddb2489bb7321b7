import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { parseConfig, type MusterConfig } from '../../domain/config/index.ts'
import { installTelemetry } from '../../worker/telemetry.ts'
import { createLog } from '../log.ts'
import { paint, printJson, printTable } from '../output.ts'
import { defaultConfigFile, agentBundle } from '../paths.ts'
import { startStack, type Stack } from '../stack/start.ts'
import { rememberStack } from '../stack/remembered.ts'
import { takeStateDir } from '../stack/state-dir.ts'
import { untilToldToStop } from '../stop.ts'

interface DevOptions {
  config?: string
  state: string
  fresh?: boolean
  json?: boolean
}

/** Everything on one machine: `npm start`. */
export function devCommand(): Command {
  return new Command('dev')
    .description(
      'run everything on this machine: Temporal, store, cloud, worker, API with dashboard, and the fleets of the config',
    )
    .option('--config <file>', 'YAML config; without it an example fleet on the emulated cloud')
    .option('--state <folder>', 'where everything is kept', '.muster')
    .option('--fresh', 'forget what was kept')
    .option('--json', 'print the links as one JSON line')
    .action(dev)
}

async function dev(options: DevOptions): Promise<void> {
  const startedAt = Date.now()
  const { config, file } = await loadConfig(options.config)
  const state = takeStateDir(options.state, options.fresh === true)
  const log = createLog(undefined, state.file('muster.log'))
  try {
    installTelemetry({ log })
    const stack = await startStack({
      config,
      state,
      agentBundle,
      log,
      ...(process.env['MUSTER_TEMPORAL_CLI'] && { temporalCli: process.env['MUSTER_TEMPORAL_CLI'] }),
      ...(options.config === undefined && { beforeFleets: muteOnce }),
    })
    try {
      const forget = rememberStack(stack)
      show(stack, options, { file, log: state.file('muster.log'), tookMs: Date.now() - startedAt })
      await untilToldToStop(stack.failed)
      if (!options.json) console.log('stopping …')
      forget()
    } finally {
      await stack.close()
    }
  } finally {
    state.release()
  }
}

/** The example's second host stays mute the first time: what Muster is for can be watched. */
export function muteOnce({ emulator }: { emulator?: Stack['emulator'] }): void {
  emulator?.addFault({
    id: 'example-mute',
    match: { tags: { 'muster:host': 'demo/00002', 'muster:attempt': 1 } },
    count: 1,
    effect: { type: 'muteAgent' },
  })
}

export async function loadConfig(path: string | undefined): Promise<{ config: MusterConfig; file: string }> {
  const file = path ?? defaultConfigFile
  return {
    config: parseConfig(await readFile(file, 'utf8'), path ?? join('examples', 'demo.yaml')),
    file: path ?? join('examples', 'demo.yaml'),
  }
}

function show(stack: Stack, options: DevOptions, facts: { file: string; log: string; tookMs: number }): void {
  const { links } = stack
  if (options.json) return printJson({ ok: true, links, token: stack.token })
  console.log(
    `\n${paint('bold', 'Muster is up')} after ${(facts.tookMs / 1000).toFixed(1)} s; fleets of ${facts.file}\n`,
  )
  printTable(
    ['what', 'where'],
    [
      ['dashboard', links.dashboard],
      ...(links.temporalUi ? [['Temporal UI', links.temporalUi]] : []),
      ...(links.emulator ? [['emulated cloud', links.emulator]] : []),
      ['API', links.openapi],
      ['metrics', links.metrics],
      ['Temporal', links.temporal],
      ['log', facts.log],
    ],
  )
  if (links.emulator && options.config === undefined) {
    console.log(
      '\nHost demo/00002 is mute at first: it is deleted and made again 20 minutes after its launch.',
    )
    console.log('Do not want to wait? In another terminal: npm run muster -- hosts fast-forward demo/00002')
  }
  console.log('\nCtrl-C ends it all.')
}
