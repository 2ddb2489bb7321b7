import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { constants } from 'node:os'
import { findProgram } from './find-program.ts'
import { killTree } from './kill.ts'
import { hearLastWords } from './last-words.ts'

export interface ProcessOptions {
  /** `command[0]` is run without a shell: as it is, or from the folders of PATH where it is a bare name. */
  command: string[]
  cwd: string
  env: Record<string, string | undefined>
  onSpawn: (pid: number) => void
  /** It could not be started: `ended` follows with 127, as a shell would say. */
  onError: (error: Error) => void
  /** Its error output passes through the agent, which remembers the end of it; else it goes out directly. */
  keepsLastWords: boolean
}

export interface RunningProcess {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined
  /** Exit code; 128 + signal number for one that a signal ended. */
  readonly ended: Promise<number>
  /** The end of its error output; empty when that is not kept. */
  lastWords(): string
}

const CANNOT_START = 127
/** What left the group, and so outlives it, may hold the error output open: it is not waited for. */
const LAST_WORDS_MS = 250

/**
 * Starts a program that leads its own process group; its output goes where the agent's goes. When it ends, all
 * that it left behind in its group is ended too.
 */
export function launchProcess(options: ProcessOptions): RunningProcess {
  const [name = '', ...args] = options.command
  const file = process.platform === 'win32' ? findProgram(name, options.env, isFile) : name
  if (file === undefined) return notFound(name, options)
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'inherit', options.keepsLastWords ? 'pipe' : 'inherit'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  const { pid } = child
  const words = child.stderr === null ? undefined : hearLastWords(child.stderr)
  const ended = new Promise<number>((resolve) => {
    child.once('spawn', () => pid !== undefined && options.onSpawn(pid))
    child.on('error', (error) => {
      options.onError(error)
      if (pid === undefined) resolve(CANNOT_START)
    })
    child.once('exit', (code, signal) => {
      if (pid !== undefined) killTree(pid, 'force')
      const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal])
      if (words === undefined) {
        resolve(exitCode)
        return
      }
      const enough = setTimeout(resolve, LAST_WORDS_MS, exitCode)
      void words.ended.then(() => {
        clearTimeout(enough)
        resolve(exitCode)
      })
    })
  })
  return { pid, ended, lastWords: () => words?.text() ?? '' }
}

function notFound(name: string, { onError }: ProcessOptions): RunningProcess {
  const ended = Promise.resolve().then(() => {
    onError(new Error(`there is no program ${name} in the folders of PATH`))
    return CANNOT_START
  })
  return { pid: undefined, ended, lastWords: () => '' }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
