import { refusalIn } from '../host/launch-words.ts'
import type { AttemptOutcome, HostPhase, Wish } from '../host/types.ts'
import { spread } from '../durations.ts'
import { scaleInOrder } from './scale-in.ts'
import { expand, type SlotRange } from './slots.ts'

/** What the projection tells of a host. Instants by the wall clock. */
export interface SurveyRow {
  slot: number
  generation: string
  attempt: number
  phase: HostPhase
  specHash: string
  reason: string
  readyAt?: number
  wish?: Wish['kind']
  failure?: AttemptOutcome
  /** When the cloud takes its instance. */
  reclaimAt?: number
}

/** A host that was asked to begin anew, as it was then; or one that was started while a rollout goes on. */
export interface Replacing {
  slot: number
  /** Empty: it was not there. */
  generation: string
  attempt: number
  specHash: string
  /** It was ready: until it is again it counts as missing. */
  up: boolean
}

/** What the fleet asks of a survey. Slots it does not name are nobody's. */
export interface SurveyRequest {
  active: SlotRange[]
  retiring: SlotRange[]
  surge: SlotRange[]
  marks: SlotRange[]
  replacing: Replacing[]
  /** Of `retiring` and `replacing`: those that may not have heard of it. Absent: none. */
  unclear?: SlotRange[]
  specHash: string
  /** Present while a rollout goes on: slots to be made anew although they run the spec. */
  rolling?: { forced: SlotRange[] }
  /** Hosts ready for longer are to be replaced; absent: none is too old. */
  maxLifetimeMs?: number
  /** How many candidates for scale-in are wanted, and whether the latest go first instead of the oldest. */
  scaleIn: number
  latestFirst: boolean
}

/** At most 200 slots, and counts of the rest. */
export interface Survey {
  /** Active hosts that do their work and that nobody has asked to end. */
  ready: number
  silent: number
  /** Of all hosts, retiring ones included: those that the cloud takes. */
  announced: number
  /** Active ones of them. */
  reclaimed: number[]
  /** To be replaced, and not asked to yet. */
  old: number
  /** Of those and of the replaced ones: how many were or are up. */
  oldUp: number
  /** Active slots of which nothing is known yet. */
  unwritten: number
  renew: Replacing[]
  /** Of {@link SurveyRequest.replacing}: where each stands now. */
  replaced: { slot: number; now: ReplacedNow }[]
  /** Of {@link SurveyRequest.unclear}: those that have not begun anew. Absent: none was asked about. */
  unclear?: UnclearSlot[]
  /** Forced ones whose next launch is a new one anyway. */
  fresh: number[]
  /** Boots of the spec that failed, of those of {@link SurveyRequest.replacing} that are not ready. */
  failed: number
  /** The cloud refuses the very request of the new spec: its words. */
  refused?: string
  /** The first to go, best first; `up`: it does its work. */
  scaleIn: { slot: number; up: boolean }[]
}

/** `mayWork`: it does its work, or, as it is silent, may do so again at any moment. */
export interface UnclearSlot {
  slot: number
  mayWork: boolean
}

/** `old`: has not begun anew; `coming`: has, and is not ready; `up`: is; `stale`: is of a spec that is wanted no more. */
export type ReplacedNow = 'old' | 'coming' | 'up' | 'stale'

/** Candidates for replacement in one survey. */
const MAX_RENEW = 100
const MAX_RECLAIMED = 50
/** Every host's life ends up to this much earlier than the maximum. */
const LIFETIME_JITTER = 0.1

/** A host that has no line yet, or only that of a former life, has been started and has not written. */
const isWritten = (row: SurveyRow | undefined): row is SurveyRow =>
  row !== undefined && row.phase !== 'retired'

/** Looks at a fleet's hosts with its questions. `now`: wall clock, ms. */
export function survey(rows: ReadonlyMap<number, SurveyRow>, request: SurveyRequest, now: number): Survey {
  const active = expand(request.active)
  const known = active.map((slot) => rows.get(slot)).filter(isWritten)
  const replaced = request.replacing.map((entry) => ({ entry, now: standing(entry, rows, request) }))
  const waiting = new Map(replaced.filter((one) => one.now !== 'stale').map((one) => [one.entry.slot, one]))
  const forced = new Set(expand(request.rolling?.forced ?? []))
  const old = known.filter((row) => !waiting.has(row.slot) && isOld(row, request, forced, now))
  const renewable = old.filter(({ phase }) => phase !== 'silent')
  const tracked = trackedBoots(rows, request, replaced)
  const goingUp = [...waiting.values()].filter(({ entry, now: at }) => entry.up && at !== 'up').length
  const announced = (slots: SlotRange[]) =>
    expand(slots).filter((slot) => {
      const row = rows.get(slot)
      return isWritten(row) && row.reclaimAt !== undefined
    })
  const reclaimed = announced(request.active)
  return {
    ready: known.filter((row) => isUp(row) && waiting.get(row.slot)?.now !== 'old').length,
    silent: known.filter(({ phase }) => phase === 'silent').length,
    announced: reclaimed.length + announced(request.retiring).length,
    reclaimed: reclaimed.slice(0, MAX_RECLAIMED),
    old: old.length,
    oldUp: old.filter((row) => isUp(row)).length + goingUp,
    unwritten: active.length - known.length,
    renew: renewOrder(renewable, request).slice(0, MAX_RENEW).map(asReplacing),
    replaced: replaced.map(({ entry, now: at }) => ({ slot: entry.slot, now: at })),
    ...(request.unclear && { unclear: unclearOnes(request.unclear, rows, waiting) }),
    fresh: known
      .filter((row) => isFresh(row, request, forced, waiting))
      .map(({ slot }) => slot)
      .slice(0, MAX_RENEW),
    ...tracked,
    scaleIn: scaleIn(active, rows, request),
  }
}

const isUp = ({ phase, wish, reclaimAt }: SurveyRow): boolean =>
  phase === 'ready' && wish === undefined && reclaimAt === undefined

function unclearOnes(
  slots: SlotRange[],
  rows: ReadonlyMap<number, SurveyRow>,
  waiting: ReadonlyMap<number, { now: ReplacedNow }>,
): UnclearSlot[] {
  return expand(slots)
    .filter((slot) => (waiting.get(slot)?.now ?? 'old') === 'old')
    .map((slot) => {
      const row = rows.get(slot)
      return { slot, mayWork: isWritten(row) && (isUp(row) || isSilent(row)) }
    })
}

const isSilent = ({ phase, wish, reclaimAt }: SurveyRow): boolean =>
  phase === 'silent' && wish === undefined && reclaimAt === undefined

function standing(
  entry: Replacing,
  rows: ReadonlyMap<number, SurveyRow>,
  { specHash, rolling }: SurveyRequest,
): ReplacedNow {
  const row = rows.get(entry.slot)
  if (!isWritten(row)) return 'coming'
  const begunAnew =
    row.generation !== entry.generation || row.attempt !== entry.attempt || row.specHash !== entry.specHash
  if (!begunAnew) return 'old'
  if (rolling && row.specHash !== specHash) return 'stale'
  return isUp(row) ? 'up' : 'coming'
}

function isOld(row: SurveyRow, request: SurveyRequest, forced: Set<number>, now: number): boolean {
  const { rolling, specHash, maxLifetimeMs } = request
  if (row.reclaimAt !== undefined) return false
  if (rolling && (row.specHash !== specHash || (forced.has(row.slot) && !hasNoInstance(row)))) return true
  if (maxLifetimeMs === undefined || row.readyAt === undefined || row.phase !== 'ready') return false
  return now - row.readyAt > lifetimeMs(maxLifetimeMs, row)
}

/** The same host gets the same span on every look; another slot or generation another one. */
export const lifetimeMs = (
  maxLifetimeMs: number,
  { slot, generation }: Pick<SurveyRow, 'slot' | 'generation'>,
): number => maxLifetimeMs * (1 - LIFETIME_JITTER * spread(`${generation}/${slot}`))

const hasNoInstance = ({ phase }: SurveyRow): boolean => phase === 'waiting' || phase === 'launching'

const isFresh = (
  row: SurveyRow,
  { specHash }: SurveyRequest,
  forced: Set<number>,
  waiting: ReadonlyMap<number, unknown>,
): boolean =>
  forced.has(row.slot) && !waiting.has(row.slot) && row.specHash === specHash && hasNoInstance(row)

/** Those without work first, then marked ones, then the oldest. */
function renewOrder(rows: SurveyRow[], { marks }: SurveyRequest): SurveyRow[] {
  const marked = new Set(expand(marks))
  const rank = (row: SurveyRow) => (isUp(row) ? (marked.has(row.slot) ? 1 : 2) : 0)
  return rows.toSorted((a, b) => rank(a) - rank(b) || (a.readyAt ?? 0) - (b.readyAt ?? 0) || a.slot - b.slot)
}

const asReplacing = (row: SurveyRow): Replacing => ({
  slot: row.slot,
  generation: row.generation,
  attempt: row.attempt,
  specHash: row.specHash,
  up: isUp(row),
})

/** How the boots of the new spec go, as far as hosts of this rollout tell. */
function trackedBoots(
  rows: ReadonlyMap<number, SurveyRow>,
  { specHash }: SurveyRequest,
  replaced: { entry: Replacing; now: ReplacedNow }[],
): Pick<Survey, 'failed' | 'refused'> {
  const coming = replaced.flatMap(({ entry, now }) => {
    const row = rows.get(entry.slot)
    return now === 'coming' && isWritten(row) && row.specHash === specHash ? [{ entry, row }] : []
  })
  const failedOf = ({ entry, row }: (typeof coming)[number]) =>
    row.attempt - 1 - (row.generation === entry.generation ? entry.attempt : 0)
  const refused = coming.find(({ row }) => isRefused(row))
  return {
    failed: coming.reduce((sum, one) => sum + Math.max(0, failedOf(one)), 0),
    ...(refused && { refused: refused.row.reason }),
  }
}

/** The words of a host whose launch the cloud refused for what is in it (see `refusalIn`). */
export const isRefused = ({ phase, reason }: Pick<SurveyRow, 'phase' | 'reason'>): boolean =>
  phase === 'waiting' && refusalIn(reason) === 'request'

function scaleIn(
  active: number[],
  rows: ReadonlyMap<number, SurveyRow>,
  request: SurveyRequest,
): Survey['scaleIn'] {
  if (request.scaleIn === 0) return []
  const marked = new Set(expand(request.marks))
  const surge = new Set(expand(request.surge))
  const replacing = new Set(request.replacing.filter(({ up }) => up).map(({ slot }) => slot))
  const candidates = active.map((slot) => {
    const row = rows.get(slot)
    const flags = { marked: marked.has(slot), surge: surge.has(slot), replacing: replacing.has(slot) }
    if (!isWritten(row))
      return { slot, ...flags, phase: 'launching' as const, specHash: request.specHash, failed: false }
    const { phase, specHash, readyAt, failure } = row
    return {
      slot,
      ...flags,
      phase,
      specHash,
      failed: failure !== undefined,
      ...(readyAt !== undefined && { readyAt }),
    }
  })
  const order = { specHash: request.specHash, latestFirst: request.latestFirst }
  return scaleInOrder(candidates, order)
    .slice(0, request.scaleIn)
    .map(({ slot }) => {
      const row = rows.get(slot)
      return { slot, up: isWritten(row) && isUp(row) }
    })
}
