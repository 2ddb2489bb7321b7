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

export function hasGo(): boolean {
  return spawnSync(GO, ['version']).status === 0
}

/**
 * Asks the unmodified library, fetched by the ordinary Go client.
 * @throws Error with what Go printed when it could not be built or run
 */
export function askGo(questions: readonly Question[]): Answered[] {
  const { status, stdout, stderr } = spawnSync(GO, ['run', '.'], {
    cwd: new URL('go/', import.meta.url),
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
