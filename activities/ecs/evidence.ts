import { setTimeout as sleep } from 'node:timers/promises'
import type { EvidenceRow } from '../../store/contract.ts'
import type { EvidenceAnswer, InstanceInput } from '../contract.ts'
import { noteEnd } from '../hosts/note-boot.ts'
import { EcsError } from './ecs-error.ts'
import { redactConsole } from './redact-console.ts'
import type { EcsWork } from './region-calls.ts'

type Kind = EvidenceRow['kind']
type Piece = { kind: Kind; value: Omit<EvidenceRow, 'host' | 'generation' | 'attempt' | 'kind' | 'takenAt'> }
type Missing = { kind: Kind; why: string }

/** All three calls together: evidence must not delay the delete. */
const BUDGET_MS = 10_000
const MAX_BYTES = 256 * 1_024

/**
 * Collects what is known about a mute instance: console, screenshot and system events, requested at the same time. What
 * is not available is noted with the events; no refusal of the cloud makes this fail.
 */
export async function captureEvidence(work: EcsWork, input: InstanceInput): Promise<EvidenceAnswer> {
  // The cloud is asked first: the deadline path does not wait for the store.
  const [[console, screenshot, events], record] = await Promise.all([
    askAll(work, input),
    noteEnd(work.deps, input.record),
  ])
  const missing = [console, screenshot, events].filter(isMissing)
  const list = isMissing(events) ? undefined : events
  const pieces = [console, screenshot].filter((piece): piece is Piece => !isMissing(piece))
  await putAll(work, input, [...pieces, eventsPiece(list, missing)])
  if (missing.length > 0) work.deps.log.warn({ ...about(input), missing }, 'evidence is not complete')
  await work.deps.store.hosts.record(record, work.deps.clock())
  return { captured: [...pieces.map(({ kind }) => kind), ...(list ? (['events'] as const) : [])] }
}

async function askAll(work: EcsWork, { region, instanceId }: InstanceInput) {
  const { ecs } = work.region(region)
  const stop = new AbortController()
  const late = sleep(BUDGET_MS, 'no answer within 10 s', { signal: stop.signal }).catch(() => 'not needed')
  try {
    return await Promise.all([
      taken('console', late, async () => consolePiece(await ecs.consoleOutput(instanceId))),
      taken('screenshot', late, async () => screenshotPiece(await ecs.screenshot(instanceId))),
      taken('events', late, () => ecs.historyEvents(instanceId)),
    ])
  } finally {
    stop.abort()
  }
}

/** The value, or why there is none. Errors that are not the cloud's are ours and are thrown. */
async function taken<T>(kind: Kind, late: Promise<string>, ask: () => Promise<T>): Promise<T | Missing> {
  const answer = ask().catch((error: unknown): Missing => {
    if (error instanceof EcsError || error instanceof RangeError) return { kind, why: error.message }
    throw error
  })
  return Promise.race([answer, late.then((why) => ({ kind, why }))])
}

const isMissing = (piece: object): piece is Missing => 'why' in piece && 'kind' in piece

function consolePiece(text: string): Piece {
  const bytes = Buffer.from(redactConsole(text))
  return {
    kind: 'console',
    value: { contentType: 'text/plain; charset=utf-8', content: bytes.subarray(-MAX_BYTES) },
  }
}

function screenshotPiece(content: Uint8Array): Piece {
  if (content.length > MAX_BYTES)
    throw new RangeError(`the screenshot has ${content.length} bytes, more than ${MAX_BYTES}`)
  const isPng = content[0] === 0x89 && content[1] === 0x50
  return { kind: 'screenshot', value: { contentType: isPng ? 'image/png' : 'image/jpeg', content } }
}

function eventsPiece(events: unknown[] | undefined, missing: Missing[]): Piece {
  const text = JSON.stringify({ events: events ?? [], missing }, undefined, 2)
  return {
    kind: 'events',
    value: { contentType: 'application/json', content: Buffer.from(text).subarray(0, MAX_BYTES) },
  }
}

async function putAll({ deps }: EcsWork, { key }: InstanceInput, pieces: Piece[]): Promise<void> {
  const takenAt = deps.clock()
  for (const { kind, value } of pieces) await deps.store.evidence.put({ ...key, kind, takenAt, ...value })
}

const about = ({ key, instanceId }: InstanceInput) => ({ host: key.host, attempt: key.attempt, instanceId })
