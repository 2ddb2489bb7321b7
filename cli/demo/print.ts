import { paint, printFacts, table } from '../output.ts'
import type { StackLinks } from '../stack/start.ts'
import type { DemoReport } from './report.ts'

/** One line of the story, with the seconds since the beginning. */
export function storyLine(text: string, sinceMs: number): string {
  return `${paint('dim', `${(sinceMs / 1000).toFixed(1).padStart(6)} s`)}  ${text}`
}

/** Where to look while it happens. */
export function printLinks({ dashboard, temporalUi, emulator }: StackLinks): void {
  console.log('')
  printFacts({ dashboard, 'Temporal UI': temporalUi, 'emulated cloud': emulator })
  console.log('')
}

/** How it ended, attempt by attempt. */
export function printEnd(report: DemoReport): void {
  const { hosts, ecsCalls, instancesLeft, problems = [], totalMs } = report
  console.log('')
  console.log(
    table(
      ['host', 'attempt', 'instance', 'launched', 'started', 'deleted', 'why it ended'],
      hosts.flatMap(({ id, attempts }) =>
        attempts.map((attempt) => [
          id,
          String(attempt.n),
          attempt.instanceId ?? '–',
          clock(attempt.launchedAt),
          attempt.startedAt === null ? paint('yellow', 'never') : clock(attempt.startedAt),
          clock(attempt.deletedAt),
          attempt.reason,
        ]),
      ),
    ),
  )
  const launches = ecsCalls['RunInstances'] ?? 0
  console.log(`\n${launches} instances were launched, ${instancesLeft} are left.`)
  for (const problem of problems) console.log(`${paint('red', 'not so:')} ${problem}`)
  const seconds = (totalMs / 1000).toFixed(1)
  console.log(
    report.ok
      ? paint('green', `All of it happened, in ${seconds} s.`)
      : paint('red', `It did not happen as it should, in ${seconds} s.`),
  )
}

/** By workflow time, in which twenty minutes were skipped. */
const clock = (instant: string | null): string => instant?.slice(11, 19) ?? '–'
