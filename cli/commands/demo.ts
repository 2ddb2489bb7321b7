import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { runDemo } from '../demo/run.ts'
import { createLog } from '../log.ts'
import { paint, printJson } from '../output.ts'
import { agentBundle } from '../paths.ts'
import { startStack } from '../stack/start.ts'
import { takeStateDir } from '../stack/state-dir.ts'
import { installTelemetry } from '../../worker/telemetry.ts'
import { loadConfig, muteOnce } from './dev.ts'

/** The story in a minute: a host whose agent stays mute is deleted after its real twenty minutes and made again. */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'a fleet of 3 of which one host is mute at first; its 20 minutes are fast-forwarded; checks every step',
    )
    .option('--json', 'print the report as one JSON line at the end')
    .action(demo)
}

async function demo(options: { json?: boolean }): Promise<void> {
  const startedAt = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'muster-demo-'))
  const state = takeStateDir(folder, false)
  const log = createLog(process.env['MUSTER_LOG_LEVEL'] ?? 'warn', state.file('muster.log'))
  const say = options.json ? () => {} : tell(startedAt)
  installTelemetry({ log })
  const { config } = await loadConfig(undefined)
  say('starting Temporal, the emulated cloud, worker and API')
  const stack = await startStack({
    config,
    state,
    agentBundle,
    log,
    ...(process.env['MUSTER_TEMPORAL_CLI'] && { temporalCli: process.env['MUSTER_TEMPORAL_CLI'] }),
    beforeFleets: muteOnce,
  })
  try {
    const report = await Promise.race([runDemo(stack, say, startedAt), stack.failed])
    if (options.json) printJson(report)
    else
      say(
        report.ok
          ? paint('green', 'all of it happened')
          : paint('red', `it did not happen: ${report.problems.join('; ')}`),
      )
    process.exitCode = report.ok ? 0 : 1
  } finally {
    await stack.close()
    state.release()
    if (process.exitCode === 0) rmSync(folder, { recursive: true, force: true })
    else console.error(`log: ${state.file('muster.log')}`)
  }
}

function tell(startedAt: number): (text: string) => void {
  return (text) =>
    console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${text}`)
}
