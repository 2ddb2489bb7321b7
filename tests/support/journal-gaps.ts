import { waitFor } from '../../cli/wait-for.ts'
import type { HostState } from '../../domain/host/types.ts'
import type { HostId } from '../../domain/ids.ts'
import { HOST_QUERIES } from '../../domain/messages.ts'
import type { JournalRow, Store } from '../../store/contract.ts'
import type { Processes } from './processes.ts'

const ASK_MS = 10_000
const PAGE = 1_000

/** One life of a host: from its first line to the one that says that it is retired. */
export interface Life {
  workflowId: string
  /** Absent: the latest run. */
  runId?: string
  host: HostId
}

/**
 * What the journal lacks of these lives, in words; empty when every line has been written, once. Rows alone cannot tell
 * how many there should be: the workflow says how many lines it knows to be written, and one that has ended must have
 * written all. It is asked before the rows are read, so it never knows of more than it should.
 */
export async function journalGaps(world: Processes, lives: readonly Life[]): Promise<string[]> {
  const gaps: string[] = []
  for (const life of lives) gaps.push(...(await gapsOf(world, life)))
  return gaps
}

async function gapsOf(world: Processes, { host, workflowId, runId }: Life): Promise<string[]> {
  const state = await waitFor(`${workflowId} to say what it has written`, () =>
    askState(world, workflowId, runId),
  )
  const rows = await journalOf(world.store, host, state.generation)
  return gapsBetween(`the journal of ${host} ${state.generation}`, state, rows)
}

/** What rows lack of what their workflow says of itself, in words. */
export function gapsBetween(
  name: string,
  { seq, events, step }: Pick<HostState, 'seq' | 'step'> & { events: readonly unknown[] },
  rows: readonly Pick<JournalRow, 'seq' | 'kind'>[],
): string[] {
  const hasEnded = step === 'end'
  const last = hasEnded ? seq : seq - events.length
  const numbers = new Set(rows.map((row) => row.seq))
  const upTo = Math.max(last, ...numbers)
  const missing = Array.from({ length: upTo }, (_, index) => index + 1).filter((line) => !numbers.has(line))
  return [
    last > 0 ? '' : `${name} is empty by its workflow's own account`,
    missing.length === 0 ? '' : `${name} has no line ${missing.join(', ')} of ${upTo}`,
    rows.length === numbers.size ? '' : `${name} has ${rows.length - numbers.size} lines twice`,
    hasEnded && !rows.some(({ kind }) => kind === 'retired') ? `${name} does not say how it ended` : '',
  ].filter(Boolean)
}

/** Undefined while Temporal or every worker is away: a closed workflow too is answered for by a worker. */
async function askState(
  { client }: Processes,
  workflowId: string,
  runId: string | undefined,
): Promise<HostState | undefined> {
  try {
    return await client.connection.withDeadline(Date.now() + ASK_MS, () =>
      client.workflow.getHandle(workflowId, runId).query<HostState>(HOST_QUERIES.state),
    )
  } catch {
    // Asked again until the deadline of the caller, whose error names the workflow.
    return undefined
  }
}

async function journalOf({ journal }: Store, host: HostId, generation: string): Promise<JournalRow[]> {
  const all: JournalRow[] = []
  for (;;) {
    const before = all.at(-1)?.id
    const page = await journal.list({
      host,
      generation,
      limit: PAGE,
      ...(before !== undefined && { before }),
    })
    all.push(...page)
    if (page.length < PAGE) return all
  }
}
