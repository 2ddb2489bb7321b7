import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tempFolder } from '../../emulator/testing/temp-folder.ts'

export interface RunningAgent {
  child: ChildProcess
  stateDir: string
  stdout: () => string
  stderr: () => string
  /** Exit code; undefined when a signal ended it. */
  exit: Promise<number | undefined>
}

/** Runs a bundle as the image's service would, with an environment of the test. */
export function startBundle(
  bundle: string,
  env: Record<string, string>,
  stateDir = tempFolder('agent-state'),
): RunningAgent {
  const child = spawn(process.execPath, [bundle], {
    env: { PATH: process.env['PATH'], MUSTER_STATE_DIR: stateDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const exit = new Promise<number | undefined>((resolve) =>
    child.once('exit', (code) => resolve(code ?? undefined)),
  )
  return { child, stateDir, stdout: () => stdout, stderr: () => stderr, exit }
}

/** True while a process with this id runs; one that has ended and waits for its parent to notice does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return (
      process.platform !== 'linux' || !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
    )
  } catch {
    return false
  }
}
