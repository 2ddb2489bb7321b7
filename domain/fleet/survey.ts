import { asReplacing, isDueForRenewal, renewalOrder } from './renewal.ts'
import { bootsOf, replacementsOf, unansweredOf, type Replacement } from './replacements.ts'
import { scaleInOrder, type ScaleInCandidate } from './scale-in.ts'
import { expand } from './slots.ts'
import { hasNoInstance, isUp, isWritten, type SurveyRows } from './survey-row.ts'
import type { Survey, SurveyRequest, SurveyRow } from './survey-types.ts'

/** Longest lists in a survey: it is kept in the history of the fleet's workflow. */
const MAX_RENEW = 100
const MAX_RECLAIMED = 50

/** All that the questions of a survey are answered from. */
interface Sighting {
  rows: SurveyRows
  request: SurveyRequest
  /** Wall clock, ms. */
  now: number
  /** Rows of the active slots that have one. */
  known: SurveyRow[]
  replacements: Replacement[]
  /**
   * Replacements that the fleet waits for, by slot. Not the stale ones: a host that has begun with a spec no longer wanted
   * is one like any other, and due for renewal itself.
   */
  pending: ReadonlyMap<number, Replacement>
  /** Slots to be replaced although they run the spec. */
  forced: ReadonlySet<number>
}

/**
 * Answers a fleet's questions about its hosts from their rows: how many are up, which should be replaced, how replacements
 * go, and who would go first if the fleet shrank. It decides nothing: `decide.ts` and `rollout.ts` do, from the answers.
 *
 * @param now wall clock, ms
 */
export function survey(rows: SurveyRows, request: SurveyRequest, now: number): Survey {
  const active = expand(request.active)
  const replacements = replacementsOf(rows, request)
  const sighting: Sighting = {
    rows,
    request,
    now,
    known: active.map((slot) => rows.get(slot)).filter(isWritten),
    replacements,
    pending: new Map(replacements.filter((one) => one.now !== 'stale').map((one) => [one.entry.slot, one])),
    forced: new Set(expand(request.rolling?.forced ?? [])),
  }
  return {
    ...countHosts(sighting, active.length),
    ...countReclaims(sighting),
    ...findRenewals(sighting),
    replaced: replacements.map(({ entry, now: progress }) => ({ slot: entry.slot, now: progress })),
    ...(request.unclear && { unclear: unansweredOf(request.unclear, rows, sighting.pending) }),
    ...bootsOf(replacements, rows, request),
    scaleIn: firstToGo(active, rows, request),
  }
}

function countHosts(
  { known, pending }: Sighting,
  activeSlots: number,
): Pick<Survey, 'ready' | 'silent' | 'unwritten'> {
  // One that was asked to replace its instance and has not begun is still up, but not for long.
  const isReady = (row: SurveyRow) => isUp(row) && pending.get(row.slot)?.now !== 'old'
  return {
    ready: known.filter(isReady).length,
    silent: known.filter(({ phase }) => phase === 'silent').length,
    unwritten: activeSlots - known.length,
  }
}

function countReclaims({ rows, request }: Sighting): Pick<Survey, 'announced' | 'reclaimed'> {
  const isAnnounced = (slot: number) => {
    const row = rows.get(slot)
    return isWritten(row) && row.reclaimAt !== undefined
  }
  const active = expand(request.active).filter(isAnnounced)
  const retiring = expand(request.retiring).filter(isAnnounced)
  return { announced: active.length + retiring.length, reclaimed: active.slice(0, MAX_RECLAIMED) }
}

function findRenewals(sighting: Sighting): Pick<Survey, 'old' | 'oldUp' | 'renew' | 'fresh'> {
  const { known, pending, request, forced, now } = sighting
  const notAsked = known.filter(({ slot }) => !pending.has(slot))
  const due = notAsked.filter((row) => isDueForRenewal(row, request, forced, now))
  const downMeanwhile = [...pending.values()].filter((one) => one.entry.up && one.now !== 'up')
  // Silent hosts are judged first: they may be lost, or back, before their turn comes.
  const renewable = due.filter(({ phase }) => phase !== 'silent')
  const fresh = notAsked.filter(
    (row) => forced.has(row.slot) && row.specHash === request.specHash && hasNoInstance(row),
  )
  return {
    old: due.length,
    oldUp: due.filter(isUp).length + downMeanwhile.length,
    renew: renewalOrder(renewable, request).slice(0, MAX_RENEW).map(asReplacing),
    fresh: fresh.map(({ slot }) => slot).slice(0, MAX_RENEW),
  }
}

function firstToGo(active: number[], rows: SurveyRows, request: SurveyRequest): Survey['scaleIn'] {
  const { specHash, latestFirst } = request
  if (request.scaleIn === 0) return []
  const isMarked = new Set(expand(request.marks))
  const isSurge = new Set(expand(request.surge))
  const wasUp = new Set(request.replacing.filter(({ up }) => up).map(({ slot }) => slot))
  const candidates = active.map((slot) => ({
    slot,
    marked: isMarked.has(slot),
    surge: isSurge.has(slot),
    replacing: wasUp.has(slot),
    ...courseOf(rows.get(slot), specHash),
  }))
  return scaleInOrder(candidates, { specHash, latestFirst })
    .slice(0, request.scaleIn)
    .map(({ slot }) => {
      const row = rows.get(slot)
      return { slot, up: isWritten(row) && isUp(row) }
    })
}

/** A host that has not written yet is taken for one that launches with the wanted spec. */
function courseOf(
  row: SurveyRow | undefined,
  wantedSpec: string,
): Pick<ScaleInCandidate, 'phase' | 'specHash' | 'failed' | 'readyAt'> {
  if (!isWritten(row)) return { phase: 'launching', specHash: wantedSpec, failed: false }
  const { phase, specHash, failure, readyAt } = row
  return { phase, specHash, failed: failure !== undefined, ...(readyAt !== undefined && { readyAt }) }
}
