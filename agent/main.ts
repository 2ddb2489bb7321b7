import { runAgent } from './agent.ts'
import { CPU_HELPER, runCpuHelper } from './cpu.ts'
import { createLog, logCrash } from './log.ts'
import { readOptions } from './options.ts'

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const

async function main(): Promise<number> {
  const log = createLog(Date.now)
  return await runAgent({
    options: readOptions(process.env, process.platform),
    runtime: {
      nowMs: Date.now,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      random: Math.random,
      log,
    },
    programStartedAtMs: Date.now() - process.uptime() * 1000,
    ownCommand: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    onStarted: (control) => {
      onCrash = () => control.kill()
      // Not earlier: until now a signal has nothing to end in good order, and listening costs 0.7 ms of the start.
      for (const signal of STOP_SIGNALS) {
        process.on(signal, () => {
          log('info', 'the system ends the agent', { signal })
          control.stop().catch(crash)
        })
      }
    },
  })
}

let onCrash = (): void => undefined

function crash(error: unknown): never {
  logCrash(error, Date.now())
  onCrash()
  process.exit(1)
}

process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)

if (process.argv.includes(CPU_HELPER)) {
  runCpuHelper((line) => process.stdout.write(line)).then(() => process.exit(0), crash)
} else {
  // Ended explicitly: kept connections and a hanging helper must not keep a finished agent alive.
  main().then((code) => process.exit(code), crash)
}
