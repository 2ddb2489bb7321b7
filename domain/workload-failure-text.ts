import type { WorkloadReport } from './wire.ts'

/** Why an attempt ends whose workload has failed for good: how it ended, and what it said last. */
export function workloadFailureText({ exitCode, lastWords = '' }: WorkloadReport): string {
  const end = exitCode === undefined ? 'it could not be started' : `exit code ${exitCode}`
  return `the workload has failed: ${end}${lastWords === '' ? '' : `, "${lastWords}"`}`
}
