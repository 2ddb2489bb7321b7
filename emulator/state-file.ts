import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { MusterError } from '../domain/errors.ts'
import type { CloudJournal } from './cloud/cloud.ts'
import type { SystemEvent } from './cloud/events.ts'
import type { Instance } from './cloud/instance.ts'
import type { Leftover } from './cloud/storage.ts'
import type { TokenRecord } from './cloud/tokens.ts'
import type { Seed } from './admin/schemas.ts'
import type { Component, Incident, Page, PageJournal, Saved, SavedKind } from './statuspage/state.ts'

/** One line of the file. */
type Entry =
  | { boots: number }
  | { instance: Instance }
  | { gone: string }
  | { left: Leftover }
  | { leftGone: string }
  | { token: TokenRecord }
  | { event: SystemEvent }
  | { seed: Seed }
  | { page: Page | Component | Incident; of: SavedKind }
  | { pageGone: string; of: SavedKind }

/** What a restart begins with. */
export interface SavedState {
  /** How often the emulator was started on this file: part of the seed, so that ids are not given twice. */
  boots: number
  instances: Instance[]
  leftovers: Leftover[]
  tokens: TokenRecord[]
  events: SystemEvent[]
  seeds: Seed[]
  statuspage: Saved
}

export interface StateFile extends CloudJournal {
  readonly statuspage: PageJournal
  seed(seed: Seed): void
  readonly saved: SavedState
  /** Begins an empty file. */
  clear(): void
  flush(): void
}

/**
 * Append-only JSON lines, written before the call that changed something is answered; rewritten without the
 * superseded lines at every start.
 *
 * @throws MusterError when a line is not what this file writes.
 */
export function openStateFile(path: string): StateFile {
  const saved = existsSync(path) ? readState(path) : emptyState()
  saved.boots += 1
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  rewrite(path, saved)
  let lines: string[] = []

  function flush(): void {
    if (lines.length === 0) return
    appendFileSync(path, lines.join(''))
    lines = []
  }
  function write(entry: Entry): void {
    // A microtask: after the work at hand, before its answer is sent.
    if (lines.length === 0) queueMicrotask(flush)
    lines.push(lineOf(entry))
  }
  return {
    saved,
    instance: (instance) => write({ instance }),
    gone: (instanceId) => write({ gone: instanceId }),
    left: (left) => write({ left }),
    leftGone: (id) => write({ leftGone: id }),
    token: (token) => write({ token }),
    event: (event) => write({ event }),
    statuspage: {
      put: (of, page) => write({ page, of }),
      gone: (of, pageGone) => write({ pageGone, of }),
    },
    seed: (seed) => write({ seed }),
    clear() {
      lines = []
      rewrite(path, { ...emptyState(), boots: saved.boots })
    },
    flush,
  }
}

/** For an emulator that forgets. */
export function noStateFile(): StateFile {
  const nothing = (): void => undefined
  return {
    saved: emptyState(),
    instance: nothing,
    gone: nothing,
    left: nothing,
    leftGone: nothing,
    token: nothing,
    event: nothing,
    statuspage: { put: nothing, gone: nothing },
    seed: nothing,
    clear: nothing,
    flush: nothing,
  }
}

function emptyState(): SavedState {
  return { boots: 0, instances: [], leftovers: [], tokens: [], events: [], seeds: [], statuspage: noPages() }
}

function lineOf(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`
}

function rewrite(path: string, state: SavedState): void {
  const entries: Entry[] = [
    { boots: state.boots },
    ...state.seeds.map((seed) => ({ seed })),
    ...state.instances.map((instance) => ({ instance })),
    ...state.leftovers.map((left) => ({ left })),
    ...state.tokens.map((token) => ({ token })),
    ...state.events.map((event) => ({ event })),
    ...(['pages', 'components', 'incidents'] as const).flatMap((of) =>
      state.statuspage[of].map((page) => ({ page, of })),
    ),
  ]
  // A mode is given to new files only: what a killed process left must not decide it. User data carries tokens.
  rmSync(`${path}.new`, { force: true })
  writeFileSync(`${path}.new`, entries.map(lineOf).join(''), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

type SavedMaps = Record<SavedKind, Map<string, Page | Component | Incident>>

const noPages = (): Saved => ({ pages: [], components: [], incidents: [] })

function readState(path: string): SavedState {
  const state = emptyState()
  const instances = new Map<string, Instance>()
  const leftovers = new Map<string, Leftover>()
  const tokens = new Map<string, TokenRecord>()
  const pages = { pages: new Map(), components: new Map(), incidents: new Map() } as SavedMaps
  const lines = readFileSync(path, 'utf8').split('\n')
  // A process killed while writing leaves half a last line: it belongs to a call that was never answered.
  const whole = lines.slice(0, -1)
  whole.forEach((line, index) => {
    const entry = parseLine(line, path, index + 1)
    if ('boots' in entry) state.boots = entry.boots
    else if ('instance' in entry) instances.set(entry.instance.instanceId, entry.instance)
    else if ('gone' in entry) instances.delete(entry.gone)
    else if ('left' in entry) leftovers.set(entry.left.id, entry.left)
    else if ('leftGone' in entry) leftovers.delete(entry.leftGone)
    else if ('token' in entry) tokens.set(entry.token.key, entry.token)
    else if ('event' in entry) state.events.push(entry.event)
    else if ('page' in entry) pages[entry.of].set(entry.page.id, entry.page)
    else if ('pageGone' in entry) pages[entry.of].delete(entry.pageGone)
    else state.seeds.push(entry.seed)
  })
  state.instances = [...instances.values()]
  state.leftovers = [...leftovers.values()]
  state.tokens = [...tokens.values()]
  state.statuspage = {
    pages: [...pages.pages.values()],
    components: [...pages.components.values()],
    incidents: [...pages.incidents.values()],
  } as Saved
  return state
}

function parseLine(line: string, path: string, number: number): Entry {
  try {
    return JSON.parse(line) as Entry
  } catch (cause) {
    throw new MusterError(
      'bad_config',
      `Line ${number} of the emulator's state file ${path} is not JSON. Remove the file to start with an empty cloud.`,
      { cause },
    )
  }
}
