import { installTelemetry } from '../../worker/telemetry.ts'
import type { DevOptions } from '../commands/stack.ts'
import { refuseBrokenInstallation } from '../check/refuse.ts'
import { muteOnce } from '../demo/mute-once.ts'
import { loadConfig } from '../load-config.ts'
import { createLog } from '../log.ts'
import { paint, printJson, printTable } from '../output.ts'
import { agentBundle } from '../paths.ts'
import { rememberStack } from '../stack/remembered.ts'
import { startStack, type Stack } from '../stack/start.ts'
import { takeStateDir, type StateDir } from '../stack/state-dir.ts'
import { listenForStop, type StopSignal } from '../stop.ts'

/** Runs everything until it is asked to stop or until a part fails permanently. */
export async function dev(options: DevOptions): Promise<void> {
  const startedAt = performance.now()
  const stop = listenForStop()
  const { config, file } = await loadConfig(options.config)
  await refuseBrokenInstallation(config, file)
  const state = takeStateDir(options.state, options.fresh === true)
  try {
    const log = createLog(undefined, state.file('muster.log'))
    installTelemetry({ log })
    const starting = startStack({
      config,
      configFile: file,
      yes: options.yes === true,
      state,
      agentBundle,
      log,
      signal: stop.signal,
      ...(process.env['MUSTER_TEMPORAL_CLI'] && { temporalCli: process.env['MUSTER_TEMPORAL_CLI'] }),
      // Its first life only: a kept cloud has seen the mute instance already.
      ...(options.config === undefined && state.isNew && { beforeFleets: muteOnce }),
    })
    await run(await unlessStopped(starting, stop), { options, file, state, stop, startedAt })
  } finally {
    state.release()
  }
}

/** Undefined when it ended again because a person wanted so. */
async function unlessStopped(starting: Promise<Stack>, stop: StopSignal): Promise<Stack | undefined> {
  try {
    return await starting
  } catch (error) {
    if (stop.signal.aborted) return undefined
    throw error
  }
}

interface Running {
  options: DevOptions
  file: string
  state: StateDir
  stop: StopSignal
  startedAt: number
}

async function run(stack: Stack | undefined, running: Running): Promise<void> {
  if (stack === undefined) return
  const { options, state, stop } = running
  try {
    const forget = rememberStack(stack, state.path, options.config)
    try {
      if (options.json) printPrograms(stack, running)
      else printForPeople(stack, running)
      await Promise.race([stop.told, stack.failed])
      if (!options.json) console.log('stopping …')
    } finally {
      forget()
    }
  } finally {
    await stack.close()
  }
}

function printPrograms({ links, token, notices, fleets }: Stack, { state, startedAt }: Running): void {
  const tookMs = Math.round(performance.now() - startedAt)
  printJson({ ok: true, links, token, notices, fleets, state: state.path, pid: process.pid, tookMs })
}

function printForPeople(
  { links, notices, fleets }: Stack,
  { options, file, state, startedAt }: Running,
): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const kept = state.isNew ? '' : `; goes on with what ${options.state} keeps`
  console.log(`\n${paint('bold', 'Muster is up')} after ${seconds} s; fleets of ${file}${kept}\n`)
  printTable(
    ['what', 'where'],
    [
      ['dashboard', links.dashboard],
      ...(links.temporalUi ? [['Temporal UI', links.temporalUi]] : []),
      ...(links.emulator ? [['emulated cloud', links.emulator]] : []),
      ['API', links.openapi],
      ['metrics', links.metrics],
      ['Temporal', links.temporal],
      ['log', state.file('muster.log')],
    ],
  )
  if (notices.length > 0) console.log('')
  for (const notice of notices) console.log(`${paint('yellow', 'note')}  ${notice}`)
  for (const { fleet, size, configSize } of fleets) {
    if (configSize === undefined) continue
    console.log(
      `${paint('yellow', 'note')}  fleet ${fleet} keeps its ${size} hosts, though ${file} says ${configSize}: muster apply --size`,
    )
  }
  if (options.config === undefined && state.isNew) {
    console.log(
      '\nHost demo/00002 is mute at first: it is deleted and made again 20 minutes after its launch.',
    )
    console.log('Do not want to wait? In another terminal: npm run muster -- hosts fast-forward demo/00002')
  }
  console.log('\nCtrl-C ends it all.')
}
