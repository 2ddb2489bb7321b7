import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Stack } from './start.ts'

const schema = z.object({
  api: z.string(),
  token: z.string(),
  temporal: z.string(),
  namespace: z.string(),
  pid: z.number(),
})

export type Remembered = z.infer<typeof schema>

/** One file of the user's: other terminals find the stack that runs on this machine. */
const file = (): string =>
  join(process.env['XDG_RUNTIME_DIR'] ?? join(homedir(), '.cache'), 'muster', 'running.json')

/** Lets `muster hosts` and `muster fleets` find this stack without being told. Returns how to forget it. */
export function rememberStack(stack: Stack): () => void {
  const path = file()
  const { namespace } = stack.temporal
  const known: Remembered = {
    api: stack.links.api,
    token: stack.token,
    temporal: stack.links.temporal,
    namespace,
    pid: process.pid,
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, JSON.stringify(known), { mode: 0o600 })
  return () => {
    if (runningStack()?.pid === process.pid) rmSync(path, { force: true })
  }
}

/** The stack that runs on this machine, if one does. */
export function runningStack(): Remembered | undefined {
  try {
    const known = schema.parse(JSON.parse(readFileSync(file(), 'utf8')))
    process.kill(known.pid, 0)
    return known
  } catch {
    // No file, not ours to read, or its process is gone: no stack that could be used.
    return undefined
  }
}
