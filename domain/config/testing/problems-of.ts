import { MusterError } from '../../errors.ts'
import { parseConfig, type ConfigProblem } from '../index.ts'

/** What is wrong with a config, `line field: words` each; nothing for a good one. */
export function problemsOf(text: string): string[] {
  try {
    parseConfig(text, 'farm.yaml')
    return []
  } catch (error) {
    if (!(error instanceof MusterError)) throw error
    const problems = error.details['problems'] as ConfigProblem[]
    return problems.map(({ line, field, message }) => `${line} ${field}: ${message}`)
  }
}
