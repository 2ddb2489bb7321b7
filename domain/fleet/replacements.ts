import { refusalIn } from '../host/launch-words.ts'
import { expand, type SlotRange } from './slots.ts'
import { isUp, isWritten, mayBeUpAgain, type SurveyRows } from './survey-row.ts'
import type { ReplacedNow, Replacing, Survey, SurveyRequest, SurveyRow, UnclearSlot } from './survey-types.ts'

/** A host that was asked to replace its instance, and how far it has come. */
export interface Replacement {
  entry: Replacing
  now: ReplacedNow
}

export const replacementsOf = (rows: SurveyRows, request: SurveyRequest): Replacement[] =>
  request.replacing.map((entry) => ({ entry, now: progressOf(entry, rows.get(entry.slot), request) }))

function progressOf(
  entry: Replacing,
  row: SurveyRow | undefined,
  { specHash, rolling }: SurveyRequest,
): ReplacedNow {
  if (!isWritten(row)) return 'coming'
  const hasBegun =
    row.generation !== entry.generation || row.attempt !== entry.attempt || row.specHash !== entry.specHash
  if (!hasBegun) return 'old'
  if (rolling && row.specHash !== specHash) return 'stale'
  return isUp(row) ? 'up' : 'coming'
}

/**
 * Of slots that may not have received a request: those that show no sign of it. A retiring one never does while it is
 * written; one to be replaced does once it has begun.
 *
 * @param pending replacements by slot, without the stale ones
 */
export const unansweredOf = (
  slots: SlotRange[],
  rows: SurveyRows,
  pending: ReadonlyMap<number, Replacement>,
): UnclearSlot[] =>
  expand(slots)
    .filter((slot) => (pending.get(slot)?.now ?? 'old') === 'old')
    .map((slot) => {
      const row = rows.get(slot)
      return { slot, mayWork: isWritten(row) && (isUp(row) || mayBeUpAgain(row)) }
    })

/** How the boots of the wanted spec go, judged by the replacements that are on their way with it. */
export function bootsOf(
  replacements: Replacement[],
  rows: SurveyRows,
  { specHash }: SurveyRequest,
): Pick<Survey, 'failed' | 'refused'> {
  const coming = replacements.flatMap(({ entry, now }) => {
    const row = rows.get(entry.slot)
    return now === 'coming' && isWritten(row) && row.specHash === specHash ? [{ entry, row }] : []
  })
  const refused = coming.find(({ row }) => isRefused(row))
  return {
    failed: coming.reduce((sum, { entry, row }) => sum + failedBoots(entry, row), 0),
    ...(refused && { refused: refused.row.reason }),
  }
}

/** Each attempt before the present one has failed; in the same generation, only those since it was asked. */
function failedBoots(entry: Replacing, row: SurveyRow): number {
  const before = row.generation === entry.generation ? entry.attempt : 0
  return Math.max(0, row.attempt - 1 - before)
}

/** It waits because the cloud refused its launch for what the request contains, which no retry changes. */
const isRefused = ({ phase, reason }: SurveyRow): boolean =>
  phase === 'waiting' && refusalIn(reason) === 'request'
