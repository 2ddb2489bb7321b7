import { MusterError } from '../../domain/errors.ts'
import { fleetWorkflowId, hostWorkflowId, parseHostId } from '../../domain/ids.ts'
import type { HostId } from '../../domain/ids.ts'
import { FLEET_UPDATES, HOST_UPDATES } from '../../domain/messages.ts'
import type {
  Attribution,
  FleetAnswer,
  HostAnswer,
  MarkRequest,
  OverrideFreezeRequest,
  PreserveRequest,
  ReplaceRequest,
  ResizeRequest,
  RetireRequest,
  RollRequest,
} from '../../domain/messages.ts'
import type { ApiDeps } from '../deps.ts'
import { reasonOf } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import { askStore } from '../store-call.ts'
import { sendUpdate } from '../temporal/updates.ts'
import type { Actor } from './actor.ts'

/** What a person asks of a fleet or host, without who asks. */
export type FleetAction =
  | ({ kind: 'resize' } & Omit<ResizeRequest, 'by'>)
  | ({ kind: 'pause' | 'resume' | 'rollback' } & Omit<Attribution, 'by'>)
  | ({ kind: 'roll' } & Omit<RollRequest, 'by'>)
  | ({ kind: 'overrideFreeze' } & Omit<OverrideFreezeRequest, 'by'>)
  | ({ kind: 'mark' | 'unmark' } & Omit<MarkRequest, 'by'>)

export type HostAction =
  | ({ kind: 'drain' } & Omit<Attribution, 'by'>)
  | ({ kind: 'replace' } & Omit<ReplaceRequest, 'by' | 'spec'>)
  | ({ kind: 'retire' } & Omit<RetireRequest, 'by'>)
  | ({ kind: 'preserve' } & Omit<PreserveRequest, 'by'>)

/** Who asks, and under which id a repetition is known. */
export interface Asker {
  actor: Actor
  requestId: string
  /** `Idempotency-Key` of the request. */
  idempotencyKey?: string
}

export interface Actions {
  onFleet(name: string, action: FleetAction, asker: Asker): Promise<FleetAnswer>
  onHost(host: HostId, action: HostAction, asker: Asker): Promise<HostAnswer>
}

interface Wish {
  workflowId: string
  target: string
  name: string
  payload: Attribution & Record<string, unknown>
}

/**
 * Turns wishes of people into updates of workflows. The audit row is written first: nothing is done without one. What
 * the workflow refused gets a second row.
 */
export function createActions({ temporal, store, clock, log }: ApiDeps, metrics: Metrics): Actions {
  async function note(wish: Wish, asker: Asker, what: string): Promise<void> {
    const { target, payload } = wish
    await store.audit.add({
      at: clock(),
      who: asker.actor.name,
      what,
      target,
      why: payload.why,
      requestId: asker.requestId,
    })
  }

  async function noteRefusal(wish: Wish, asker: Asker, error: MusterError): Promise<void> {
    try {
      await note(wish, asker, `${wish.name} not done: ${error.code}`)
    } catch (failure) {
      log.error({ target: wish.target, reason: reasonOf(failure) }, 'an audit row could not be written')
    }
  }

  async function carryOut(wish: Wish, asker: Asker): Promise<unknown> {
    await askStore('keep the audit row', () => note(wish, asker, wordsOf(wish)))
    // Named by the update, too: one key may be used for two different wishes.
    const updateId = `${wish.name}:${asker.idempotencyKey ?? asker.requestId}`
    try {
      return await sendUpdate(temporal, { ...wish, updateId }, (call) => metrics.temporalErrors.inc({ call }))
    } catch (error) {
      if (error instanceof MusterError) await noteRefusal(wish, asker, error)
      throw error
    }
  }

  return {
    async onFleet(fleet, { kind, ...request }, asker) {
      const payload = { ...request, by: asker.actor.name }
      const wish = {
        workflowId: fleetWorkflowId(fleet),
        target: `fleet ${fleet}`,
        name: FLEET_UPDATES[kind],
        payload,
      }
      return (await carryOut(wish, asker)) as FleetAnswer
    },
    async onHost(host, { kind, ...request }, asker) {
      parseHostId(host)
      const payload = { ...request, by: asker.actor.name }
      const wish = {
        workflowId: hostWorkflowId(host),
        target: `host ${host}`,
        name: HOST_UPDATES[kind],
        payload,
      }
      return (await carryOut(wish, asker)) as HostAnswer
    },
  }
}

/** `resize size=5`: the update and what it carries besides who and why. */
function wordsOf({ name, payload }: Wish): string {
  const { by: _by, why: _why, ...rest } = payload
  const facts = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return [name, ...facts].join(' ')
}
