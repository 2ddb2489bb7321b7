/** The emulator as a process of its own: `node emulator/main.ts --help`. Prints one JSON line when it is ready. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MusterError } from '../domain/errors.ts'
import type { SeedInput } from './admin/schemas.ts'
import { startEmulator } from './index.ts'
import type { EmulatorOptions } from './index.ts'
import type { MachineBehaviour } from './machines/contract.ts'

const HELP = `Usage: node emulator/main.ts [options]

An emulator of Alibaba Cloud ECS on loopback. Options, each also as environment variable MUSTER_EMULATOR_<NAME>:

  --port N              port of the API and the admin plane (default 0: a free one)
  --host ADDRESS        address to listen on (default 127.0.0.1)
  --seed TEXT           same ids and delays every time
  --state-dir FOLDER    machines' folders (default .muster/emulator)
  --keep-folders        keep the folders of released instances
  --state-file FILE     keep instances, tags and tokens over restarts
  --seed-file FILE      JSON put into the cloud at the start, as for POST /_emulator/seed
  --agent KIND          process (default), light, mute, none
  --agent-command JSON  how an agent is started (default ["<node>","dist/agent.cjs"])
  --access-key ID       access key that may sign, with
  --access-secret TEXT  its secret
  --clock immediate     no delays
  --help
`

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  seed: { type: 'string' },
  'state-dir': { type: 'string' },
  'state-file': { type: 'string' },
  'seed-file': { type: 'string' },
  agent: { type: 'string' },
  'agent-command': { type: 'string' },
  'access-key': { type: 'string' },
  'access-secret': { type: 'string' },
  clock: { type: 'string' },
  'keep-folders': { type: 'boolean' },
  help: { type: 'boolean' },
} as const

type Flags = Partial<Record<Exclude<keyof typeof OPTIONS, 'help' | 'keep-folders'>, string>> & {
  'keep-folders'?: boolean | string
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { help, ...given } = readFlags()
  if (help === true) {
    console.log(HELP)
    return
  }
  const flags: Flags = { ...fromEnvironment(), ...given }
  const emulator = await startEmulator(optionsOf(flags))
  const { url, endpoint, adminUrl, credentials } = emulator
  console.log(JSON.stringify({ ready: true, url, endpoint, adminUrl, accessKeyId: credentials.accessKeyId }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      emulator.close().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(String(error))
          process.exit(1)
        },
      )
    })
  }
}

function readFlags(): Flags & { help?: boolean } {
  try {
    return parseArgs({ options: OPTIONS }).values
  } catch (cause) {
    throw new MusterError(
      'bad_config',
      `${cause instanceof Error ? cause.message : String(cause)} Try --help.`,
      { cause },
    )
  }
}

function fromEnvironment(): Flags {
  const flags: Record<string, string> = {}
  for (const name of Object.keys(OPTIONS)) {
    const value = process.env[`MUSTER_EMULATOR_${name.replaceAll('-', '_').toUpperCase()}`]
    if (value !== undefined) flags[name] = value
  }
  return flags
}

function optionsOf(flags: Flags): EmulatorOptions {
  return {
    port: portOf(flags.port),
    host: flags.host,
    seed: flags.seed,
    stateDir: flags['state-dir'] ?? join('.muster', 'emulator'),
    keepFolders: String(flags['keep-folders'] ?? false) !== 'false',
    stateFile: flags['state-file'],
    initial: flags['seed-file'] === undefined ? undefined : readSeed(flags['seed-file']),
    defaultBehaviour: behaviourOf(flags.agent ?? 'process'),
    agentCommand: agentCommandOf(flags['agent-command'], flags.agent),
    credentials: credentialsOf(flags['access-key'], flags['access-secret']),
    clockPolicy: clockOf(flags.clock),
    log: (event) => console.error(JSON.stringify(event)),
  }
}

function portOf(text: string | undefined): number {
  const port = Number(text ?? 0)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw new MusterError('bad_config', `--port ${text} is not a port: give a number from 0 to 65535.`)
}

function behaviourOf(agent: string): MachineBehaviour {
  if (agent === 'process' || agent === 'light' || agent === 'mute' || agent === 'none') return { agent }
  throw new MusterError('bad_config', `--agent ${agent} is unknown: use process, light, mute or none.`)
}

function agentCommandOf(text: string | undefined, agent: string | undefined): string[] {
  if (text !== undefined) return commandFrom(text)
  const bundle = join(import.meta.dirname, '..', 'dist', 'agent.cjs')
  if ((agent ?? 'process') === 'process' && !existsSync(bundle)) {
    throw new MusterError(
      'bad_config',
      `There is no agent at ${bundle}: run "npm run build:agent", or use --agent none.`,
    )
  }
  return [process.execPath, bundle]
}

function commandFrom(text: string): string[] {
  const parsed = parseJson(text, '--agent-command')
  if (Array.isArray(parsed) && parsed.length > 0 && parsed.every((part) => typeof part === 'string'))
    return parsed
  throw new MusterError(
    'bad_config',
    '--agent-command must be a JSON list of texts, for example ["node","agent.cjs"].',
  )
}

function credentialsOf(id: string | undefined, secret: string | undefined): EmulatorOptions['credentials'] {
  if (id === undefined && secret === undefined) return undefined
  if (id !== undefined && secret !== undefined) return { [id]: secret }
  throw new MusterError(
    'bad_config',
    '--access-key and --access-secret belong together: give both or neither.',
  )
}

function clockOf(text: string | undefined): EmulatorOptions['clockPolicy'] {
  if (text === undefined || text === 'immediate') return text
  throw new MusterError(
    'bad_config',
    `--clock ${text} is unknown: use immediate, or set times through --seed-file.`,
  )
}

function readSeed(path: string): SeedInput {
  if (!existsSync(path)) throw new MusterError('bad_config', `There is no seed file ${path}.`)
  // Its fields are checked where every seed is.
  return parseJson(readFileSync(path, 'utf8'), path) as SeedInput
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MusterError(
      'bad_config',
      `${what} is not JSON: ${cause instanceof Error ? cause.message : ''}`,
      { cause },
    )
  }
}
