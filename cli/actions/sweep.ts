import { userInfo } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client'
import { MusterError } from '../../domain/errors.ts'
import { sweepWorkflowId } from '../../domain/ids.ts'
import { WORKFLOWS } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import { sweepSentence, VERDICT_WORDS } from '../../domain/sweep/report.ts'
import type { SweepInput, SweepReport, SweepVerdict } from '../../domain/sweep/types.ts'
import type { SweepOptions } from '../commands/sweep.ts'
import { EXIT } from '../failure.ts'
import { loadConfig } from '../load-config.ts'
import { printJson, printTable } from '../output.ts'
import { withPrintable } from '../printable.ts'
import { createCleanup } from '../stack/cleanup.ts'
import { installationPlace } from '../stack/installation-place.ts'
import { runningStack } from '../stack/remembered.ts'
import { startTemporal } from '../stack/temporal.ts'

/** A sweep of thousands takes a minute; without a worker it never ends. */
const PATIENCE_MS = 5 * 60_000

/** Sweeps once and prints the report; 1 when nothing could be seen. */
export async function sweep(options: SweepOptions): Promise<void> {
  const { config } = await loadConfig(options.config ?? runningStack()?.config)
  const place = installationPlace(config, undefined)
  const cleanup = createCleanup((name, error) =>
    console.error(`muster: ${name} did not end: ${String(error)}`),
  )
  try {
    const { client, namespaceId } = await startTemporal({ ...place.temporal, log: () => {} }, cleanup)
    const { controller, cloud } = config
    const scope = { controller, namespaceId, region: cloud.region }
    // Tags are what anybody in the account wrote.
    const report = withPrintable(
      options.last ? await lastSweep(client, controller) : await sweepNow(client, inputOf(scope, options)),
    ) as SweepReport
    if (options.json) printJson({ ok: report.abandoned === undefined, ...report })
    else printReport(report)
    if (report.abandoned !== undefined) process.exitCode = EXIT.failed
  } finally {
    await cleanup.run()
  }
}

const inputOf = (
  scope: Pick<SweepInput, 'controller' | 'namespaceId' | 'region'>,
  { dryRun, maxOrphans, why }: SweepOptions,
): SweepInput => ({
  ...scope,
  by: userInfo().username,
  why,
  dryRun: dryRun ?? false,
  ...(maxOrphans !== undefined && { policy: { maxOrphans } }),
})

async function sweepNow(client: Client, input: SweepInput): Promise<SweepReport> {
  const workflowId = sweepWorkflowId(input.controller)
  try {
    const handle = await client.workflow.start(WORKFLOWS.sweep, {
      workflowId,
      taskQueue: MUSTER_QUEUE,
      args: [input],
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `sweep of ${input.controller}${input.dryRun ? ', dry run' : ''}, by ${input.by}`,
    })
    return await inTime(handle.result() as Promise<SweepReport>)
  } catch (cause) {
    if (!(cause instanceof WorkflowExecutionAlreadyStartedError)) throw cause
    const message = 'a sweep is under way already: wait for it, then ask with --last how it ended'
    throw new MusterError('conflict', message, { cause })
  }
}

/** @throws MusterError `not_found` when none has ended yet */
async function lastSweep(client: Client, controller: string): Promise<SweepReport> {
  const handle = client.workflow.getHandle(sweepWorkflowId(controller))
  try {
    const { status } = await handle.describe()
    if (status.name === 'RUNNING') throw new MusterError('conflict', 'a sweep is under way: ask again soon')
    return (await handle.result()) as SweepReport
  } catch (cause) {
    if (!(cause instanceof WorkflowNotFoundError)) throw cause
    throw new MusterError('not_found', `no sweep of ${controller} is known: start one, or schedule it`, {
      cause,
    })
  }
}

async function inTime(result: Promise<SweepReport>): Promise<SweepReport> {
  const stop = new AbortController()
  const late = sleep(PATIENCE_MS, undefined, { signal: stop.signal }).catch(() => undefined)
  try {
    const report = await Promise.race([result, late])
    if (report) return report
  } finally {
    stop.abort()
  }
  throw new MusterError(
    'timed_out',
    'the sweep has not ended after 5 minutes: does a worker run? It goes on; --last tells how it ended',
  )
}

const outcomeText = (words: string, outcome: 'done' | 'refused' | 'changed' | undefined): string =>
  outcome === undefined ? words : `${words}: ${OUTCOMES[outcome]}`

const OUTCOMES = { done: 'done', refused: 'could not be done', changed: 'no longer so' } as const

function printReport(report: SweepReport): void {
  const { counts, more, alarms } = report
  // What is merely young is most often a host that boots: counted is enough.
  const lines = report.lines.filter(({ verdict }) => verdict !== 'tooYoung')
  if (lines.length > 0) {
    printTable(
      ['what', 'host', 'verdict', 'why'],
      lines.map(({ kind, id, host = '', verdict, outcome, reason }) => [
        `${kind} ${id}`,
        host,
        outcomeText(VERDICT_WORDS[verdict], outcome),
        reason,
      ]),
    )
    if (more > 0) console.log(`… and ${more} more`)
    console.log('')
  }
  for (const [kind, seen] of Object.entries(counts)) {
    const words = Object.entries(seen).map(
      ([verdict, count]) => `${count} ${VERDICT_WORDS[verdict as SweepVerdict]}`,
    )
    if (words.length > 0) console.log(`${kind}s: ${words.join(', ')}`)
  }
  console.log(sweepSentence(report))
  for (const alarm of alarms) console.log(`to look at: ${alarm}`)
}
