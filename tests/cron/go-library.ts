import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Question } from './questions.ts'

/** What the Go library says: firing times in seconds since 1970, or why it refuses the expression. */
export interface Answer {
  error?: string
  times?: number[]
}

export interface Answered extends Question, Answer {}

/** Found on the path; not one of ours. */
const GO = 'go'
const STORED = new URL('answers.json.gz', import.meta.url)

/** Answers of robfig/cron v1.2.0 kept for where Go is not installed. */
export function storedAnswers(): Answered[] {
  return JSON.parse(gunzipSync(readFileSync(STORED)).toString('utf8')) as Answered[]
}

export function storeAnswers(answered: readonly Answered[]): void {
  writeFileSync(STORED, gzipSync(JSON.stringify(answered), { level: 9 }))
}

export const hasGo = (): boolean => spawnSync(GO, ['version']).status === 0

const SOURCE = new URL('go/', import.meta.url)
/** Seconds where it was built before; the first time Go fetches the module and compiles its own library. */
const BUILD_MS = 60_000

/**
 * Builds the program around the unmodified library, which the ordinary Go client fetches.
 * @returns why it could not be done, in one line; undefined when it could
 */
export function buildGo(program: string): string | undefined {
  if (!hasGo()) return 'Go is not installed'
  const { status, stderr } = spawnSync(GO, ['build', '-o', program, '.'], {
    cwd: SOURCE,
    encoding: 'utf8',
    timeout: BUILD_MS,
  })
  if (status === 0) return undefined
  if (status === null) return `Go did not build the program within ${BUILD_MS / 1000} s`
  return `Go did not build the program: ${stderr.trim().split('\n').at(-1)}`
}

/**
 * Asks the library by the program of {@link buildGo}.
 * @throws Error with what it printed when it failed
 */
export function askGo(program: string, questions: readonly Question[]): Answered[] {
  const { status, stdout, stderr } = spawnSync(program, {
    input: questions.map((question) => JSON.stringify(question)).join('\n'),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(`the Go program ended with ${status}: ${stderr}`)
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer)
  return questions.map((question, index) => ({ ...question, ...answers[index] }))
}
