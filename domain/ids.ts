import { MusterError } from './errors.ts'

/** One slot of a fleet, `<fleet>/<slot>`, for example `render/00007`. */
export type HostId = string

/** Fleet names: 1–40 lower-case letters, digits and dashes, beginning with a letter: they are part of tags and workflow ids. */
export const FLEET_NAME = /^[a-z][a-z0-9-]{0,39}$/
const HOST_ID = /^([a-z][a-z0-9-]{0,39})\/(\d{5})$/

/** Slots are 1 … 99,999: five digits sort as text in every list. */
export const MAX_SLOT = 99_999

export function hostId(fleet: string, slot: number): HostId {
  if (!FLEET_NAME.test(fleet) || !Number.isInteger(slot) || slot < 1 || slot > MAX_SLOT) {
    throw new MusterError('bad_request', `no such host: fleet "${fleet}", slot ${slot} (1 to ${MAX_SLOT})`)
  }
  return `${fleet}/${String(slot).padStart(5, '0')}`
}

/** @throws MusterError `bad_request` when the text is not a host id */
export function parseHostId(id: string): { fleet: string; slot: number } {
  const match = HOST_ID.exec(id)
  if (!match?.[1] || !match[2] || Number(match[2]) === 0) {
    throw new MusterError('bad_request', `"${id}" is not a host id; one looks like render/00007`)
  }
  return { fleet: match[1], slot: Number(match[2]) }
}

export const isHostId = (id: string): boolean => HOST_ID.test(id)

export const hostWorkflowId = (host: HostId): string => `host/${host}`
export const fleetWorkflowId = (fleet: string): string => `fleet/${fleet}`

/** One sweep at a time. */
export const sweepWorkflowId = (controller: string): string => `sweep/${controller}`

/** One report to the status page at a time. */
export const reportWorkflowId = (controller: string): string => `report/${controller}`

/** The host that a workflow id belongs to, or undefined for other workflows. */
export function hostOfWorkflowId(workflowId: string): HostId | undefined {
  const id = workflowId.startsWith('host/') ? workflowId.slice('host/'.length) : ''
  return isHostId(id) ? id : undefined
}

/**
 * The generation of a host: the last ten hex digits of its workflow's first run id. They are random in UUID versions 4
 * and 7 alike, so a slot that was retired and started again has another generation.
 */
export function generationOf(firstRunId: string): string {
  return firstRunId.replaceAll('-', '').slice(-10)
}

/** Id of the async-completed activity that agents keep alive by their beats. */
export const watchActivityId = (generation: string, attempt: number): string =>
  `agent-${generation}-${attempt}`

/** Names an instance everywhere: tags, tokens, journal. */
export interface AttemptKey {
  host: HostId
  generation: string
  /** 1, 2, 3 … within a generation. */
  attempt: number
}
