import { translateCron } from '../../domain/cron/index.ts'
import type { Attribution } from '../../domain/messages.ts'
import type { ActionInput } from '../../domain/schedules/types.ts'
import type { ActionDeps } from './deps.ts'

/** One firing of a schedule, as those who carry it out see it. */
export interface Firing {
  deps: ActionDeps
  /** Id of its workflow: under it every wish is known, so that a repeated one is the same. */
  id: string
  input: ActionInput
  /** Who asks and why, for journal and audit. */
  asked: Attribution
}

export function firingOf(deps: ActionDeps, input: ActionInput, id: string): Firing {
  const { schedule, expression, timezone, dialect, anchor } = input
  const { describe } = translateCron(expression, { timezone, dialect, anchor })
  return { deps, id, input, asked: { by: `schedule ${schedule}`, why: `${expression} (${describe})` } }
}

/** How far back to look for the row of an earlier try. */
const LOOK_BACK = 100

/** Leaves who, what and why in the audit: once, however often the activity is tried. */
export async function audit({ deps, id, asked }: Firing, what: string, target: string): Promise<void> {
  const rows = await deps.store.audit.list({ target, limit: LOOK_BACK })
  if (rows.some((row) => row.requestId === id && row.what === what)) return
  await deps.store.audit.add({
    at: deps.clock(),
    who: asked.by,
    what,
    target,
    why: asked.why,
    requestId: id,
  })
}
