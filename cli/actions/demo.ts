import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installTelemetry } from '../../worker/telemetry.ts'
import { muteOnce } from '../demo/mute-once.ts'
import type { DemoReport } from '../demo/report.ts'
import { runDemo } from '../demo/run.ts'
import { storyLine, printEnd, printLinks } from '../demo/print.ts'
import { EXIT } from '../failure.ts'
import { loadConfig } from '../load-config.ts'
import { createLog } from '../log.ts'
import { paint, printJson } from '../output.ts'
import { agentBundle } from '../paths.ts'
import { startStack, type Stack } from '../stack/start.ts'
import { takeStateDir, type StateDir } from '../stack/state-dir.ts'
import { listenForStop, type StopSignal } from '../stop.ts'

interface DemoOptions {
  json?: boolean
}

/** Plays the story in a folder of its own, which goes with it; where the story fails its log stays. */
export async function demo(options: DemoOptions): Promise<void> {
  const startedAt = performance.now()
  const stop = listenForStop()
  const folder = mkdtempSync(join(tmpdir(), 'muster-demo-'))
  const state = takeStateDir(folder, false)
  let keep = false
  try {
    const report = await printStory({ options, state, stop, startedAt })
    keep = !report.ok
    if (options.json) printJson(report)
    else printEnd(report)
    process.exitCode = report.ok ? EXIT.ok : EXIT.failed
  } catch (error) {
    keep = !stop.signal.aborted
    throw error
  } finally {
    if (keep) console.error(`muster: the log of this run is ${state.file('muster.log')}`)
    state.release()
    if (!keep) rmSync(folder, { recursive: true, force: true })
  }
}

interface Telling {
  options: DemoOptions
  state: StateDir
  stop: StopSignal
  startedAt: number
}

async function printStory({ options, state, stop, startedAt }: Telling): Promise<DemoReport> {
  const say = (text: string) => {
    if (!options.json) console.log(storyLine(text, performance.now() - startedAt))
  }
  if (!options.json)
    console.log(paint('bold', 'A host stays mute: after 20 minutes it is deleted and made again.\n'))
  say('starting Temporal, the emulated cloud, worker and API')
  const stack = await startDemoStack(state, stop)
  try {
    say('all is up')
    if (!options.json) printLinks(stack.links)
    return await Promise.race([runDemo(stack, say, startedAt), stack.failed, interrupted(stop)])
  } finally {
    await stack.close()
  }
}

async function startDemoStack(state: StateDir, { signal }: StopSignal): Promise<Stack> {
  const log = createLog(process.env['MUSTER_LOG_LEVEL'] ?? 'warn', state.file('muster.log'))
  installTelemetry({ log })
  const { config, file: configFile } = await loadConfig()
  return await startStack({
    config,
    configFile,
    state,
    agentBundle,
    log,
    signal,
    ...(process.env['MUSTER_TEMPORAL_CLI'] && { temporalCli: process.env['MUSTER_TEMPORAL_CLI'] }),
    beforeFleets: muteOnce,
  })
}

async function interrupted({ told, signal }: StopSignal): Promise<never> {
  await told
  throw signal.reason
}
