import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { isRunning, thisProcess } from './process-id.ts'
import type { Stack } from './start.ts'

const schema = z.object({
  api: z.string(),
  token: z.string(),
  /** Names of files and of a variable, never what they hold. */
  temporal: z.object({
    address: z.string(),
    tls: z
      .object({
        serverName: z.string().exactOptional(),
        caFile: z.string().exactOptional(),
        certFile: z.string().exactOptional(),
        keyFile: z.string().exactOptional(),
      })
      .exactOptional(),
    apiKeyEnv: z.string().exactOptional(),
  }),
  namespace: z.string(),
  /** host:port of the emulated cloud, where it has one. */
  cloud: z.string().optional(),
  /** The state folder: store and secrets of the stack. */
  state: z.string(),
  /** Path of its config; absent: that of the example. */
  config: z.string().optional(),
  pid: z.number(),
  born: z.string(),
})

export type Remembered = z.infer<typeof schema>

/** A file for each stack of this user: other terminals find those that run on this machine. */
const folder = (): string =>
  join(process.env['XDG_RUNTIME_DIR'] || join(homedir(), '.cache'), 'muster', 'running')

/** Lets the other commands find this stack without being told. Returns how to forget it. */
export function rememberStack(stack: Stack, state: string, config?: string): () => void {
  const path = join(folder(), `${process.pid}.json`)
  const { address, tls, apiKeyEnv } = stack.temporal
  const known: Remembered = {
    api: stack.links.api,
    token: stack.token,
    temporal: { address, ...(tls && { tls }), ...(apiKeyEnv !== undefined && { apiKeyEnv }) },
    namespace: stack.temporal.namespace,
    ...(stack.emulator && { cloud: stack.emulator.endpoint }),
    state,
    ...(config !== undefined && { config: resolve(config) }),
    ...thisProcess(),
  }
  mkdirSync(folder(), { recursive: true, mode: 0o700 })
  writeFileSync(path, JSON.stringify(known), { mode: 0o600 })
  return () => rmSync(path, { force: true })
}

/** The stack that runs on this machine, if one does; of several the one that was started last. */
export function runningStack(): Remembered | undefined {
  return filesNewestFirst()
    .map(readRunning)
    .find((known) => known !== undefined)
}

function filesNewestFirst(): string[] {
  try {
    const paths = readdirSync(folder()).map((name) => join(folder(), name))
    const dated = paths.map((path) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    return dated.toSorted((a, b) => b.at - a.at).map(({ path }) => path)
  } catch {
    // No folder: no stack has run here yet.
    return []
  }
}

function readRunning(path: string): Remembered | undefined {
  try {
    const known = schema.parse(JSON.parse(readFileSync(path, 'utf8')))
    if (isRunning(known)) return known
    // It was killed: its token is of no use to anybody.
    rmSync(path, { force: true })
  } catch {
    // Gone meanwhile, or not one that this version writes: no stack that could be used.
  }
  return undefined
}
