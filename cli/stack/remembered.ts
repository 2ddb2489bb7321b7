import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { isRunning, thisProcess } from './process-id.ts'
import type { Stack } from './start.ts'

const schema = z.object({
  api: z.string(),
  token: z.string(),
  temporal: z.string(),
  namespace: z.string(),
  /** host:port of the emulated cloud, where it has one. */
  cloud: z.string().optional(),
  /** The state folder: store and secrets of the stack. */
  state: z.string(),
  pid: z.number(),
  born: z.string(),
})

export type Remembered = z.infer<typeof schema>

/** One file of the user's: other terminals find the stack that runs on this machine. */
const file = (): string =>
  join(process.env['XDG_RUNTIME_DIR'] || join(homedir(), '.cache'), 'muster', 'running.json')

/** Lets the other commands find this stack without being told. Returns how to forget it. */
export function rememberStack(stack: Stack, state: string): () => void {
  const path = file()
  const known: Remembered = {
    api: stack.links.api,
    token: stack.token,
    temporal: stack.links.temporal,
    namespace: stack.temporal.namespace,
    ...(stack.emulator && { cloud: stack.emulator.endpoint }),
    state,
    ...thisProcess(),
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, JSON.stringify(known), { mode: 0o600 })
  return () => {
    if (runningStack()?.pid === process.pid) rmSync(path, { force: true })
  }
}

/** The stack that runs on this machine, if one does; of several the one that was started last. */
export function runningStack(): Remembered | undefined {
  try {
    const known = schema.parse(JSON.parse(readFileSync(file(), 'utf8')))
    return isRunning(known) ? known : undefined
  } catch {
    // No file, or not one that this version writes: no stack that could be used.
    return undefined
  }
}
