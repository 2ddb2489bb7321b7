import {
  ApplicationFailure,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
} from '@temporalio/workflow'
import {
  HOST_QUERIES,
  HOST_SIGNALS,
  HOST_UPDATES,
  type AboutAttempt,
  type ApplySpecRequest,
  type Attribution,
  type HostAnswer,
  type PreserveRequest,
  type ReclaimNotice,
  type ReplaceRequest,
  type RetireRequest,
  type StartedSignal,
  type WorkloadFailedSignal,
} from '../../domain/messages.ts'
import type { HostState } from '../../domain/host/types.ts'
import { MIN_AUTO_RELEASE_MS } from '../../domain/spec.ts'
import type { Host } from './host.ts'

const started = defineSignal<[StartedSignal]>(HOST_SIGNALS.started)
const heard = defineSignal<[AboutAttempt]>(HOST_SIGNALS.heard)
const drained = defineSignal<[AboutAttempt]>(HOST_SIGNALS.drained)
const workloadFailed = defineSignal<[WorkloadFailedSignal]>(HOST_SIGNALS.workloadFailed)
const reclaimNotice = defineSignal<[ReclaimNotice]>(HOST_SIGNALS.reclaimNotice)

const drain = defineUpdate<HostAnswer, [Attribution]>(HOST_UPDATES.drain)
const replace = defineUpdate<HostAnswer, [ReplaceRequest]>(HOST_UPDATES.replace)
const retire = defineUpdate<HostAnswer, [RetireRequest]>(HOST_UPDATES.retire)
const preserve = defineUpdate<HostAnswer, [PreserveRequest]>(HOST_UPDATES.preserve)
const applySpec = defineUpdate<HostAnswer, [ApplySpecRequest]>(HOST_UPDATES.applySpec)

const state = defineQuery<HostState>(HOST_QUERIES.state)

const MAX_PRESERVE_MS = 30 * 24 * 3600_000

/** Sets every handler. Called before the first await: updates without a handler would be refused. */
export function listen(host: Host): void {
  listenToSignals(host)
  listenToUpdates(host)
  setHandler(state, () => host.state, { description: 'The whole state, with the last attempts' })
}

function listenToSignals(host: Host): void {
  setHandler(
    started,
    whole(isStarted, (signal) => host.apply({ type: 'started', signal })),
    {
      description: 'The agent on the instance has started: ends the boot',
    },
  )
  setHandler(
    heard,
    whole(isAbout, (signal) => host.apply({ type: 'heard', signal })),
    {
      description: 'A beat of a silent host has arrived',
    },
  )
  setHandler(
    drained,
    whole(isAbout, (signal) => host.apply({ type: 'drained', signal })),
    {
      description: 'The workload has ended and none will be taken',
    },
  )
  setHandler(
    workloadFailed,
    whole(isFailure, (signal) => host.apply({ type: 'workloadFailed', signal })),
    {
      description: 'The workload has failed for good: the instance is replaced',
    },
  )
  setHandler(
    reclaimNotice,
    whole(isNotice, (signal) => host.apply({ type: 'reclaimNotice', signal })),
    {
      description: 'The cloud has announced that it takes the instance',
    },
  )
}

/**
 * Signals have no validators, and a handler that throws fails the task, and every replay of it: the host would be stuck
 * forever. A signal that a person sends by hand without its content is ignored.
 */
const whole =
  <T>(isWhole: (signal: Partial<T> | undefined) => boolean, apply: (signal: T) => void) =>
  (signal: T): void => {
    if (isWhole(signal)) apply(signal)
    else log.warn('a signal without its content was left out', { signal })
  }

const isAbout = (signal: Partial<AboutAttempt> | undefined): boolean =>
  typeof signal?.generation === 'string' && typeof signal.attempt === 'number'

const isStarted = (signal: Partial<StartedSignal> | undefined): boolean =>
  isAbout(signal) && typeof signal?.facts?.instanceId === 'string' && typeof signal.bootId === 'string'

const isFailure = (signal: Partial<WorkloadFailedSignal> | undefined): boolean =>
  isAbout(signal) && typeof signal?.reason === 'string'

const isNotice = (signal: Partial<ReclaimNotice> | undefined): boolean =>
  isAbout(signal) && typeof signal?.inMs === 'number' && typeof signal.reason === 'string'

function listenToUpdates(host: Host): void {
  const answered = (event: Parameters<Host['apply']>[0]): HostAnswer => {
    host.apply(event)
    return host.answer()
  }
  setHandler(drain, (request) => answered({ type: 'drain', request }), {
    description: 'No new work, wait for the workload to end, then a new instance',
    validator: requireAttribution,
  })
  setHandler(replace, (request) => answered({ type: 'replace', request }), {
    description: 'Drain and make a new instance, maybe of another spec; drain: false deletes at once',
    validator: mustHaveWholeSpec,
  })
  setHandler(retire, (request) => answered({ type: 'retire', request }), {
    description: 'Drain, delete and end this host',
    validator: requireAttribution,
  })
  setHandler(preserve, (request) => answered({ type: 'preserve', request }), {
    description: 'Keep the instance for a person to look at when this attempt ends',
    validator: mustBeKeepable,
  })
  setHandler(applySpec, (request) => answered({ type: 'applySpec', request }), {
    description: 'Use this spec from the next launch on',
    validator: mustBringSpec,
  })
}

function requireAttribution(request: Attribution): void {
  if (typeof request?.by !== 'string' || typeof request.why !== 'string' || request.why === '') {
    throw ApplicationFailure.nonRetryable('say who asks (by) and why (why)', 'bad_request')
  }
}

function mustHaveWholeSpec(request: ReplaceRequest): void {
  requireAttribution(request)
  if (request.spec !== undefined) mustBeSpec(request.spec)
}

function mustBringSpec(request: ApplySpecRequest): void {
  requireAttribution(request)
  mustBeSpec(request)
}

function mustBeSpec({ hash, spec }: Partial<NonNullable<ReplaceRequest['spec']>>): void {
  if (typeof hash !== 'string' || typeof spec?.region !== 'string') {
    throw ApplicationFailure.nonRetryable('give the spec whole, with its hash (hash, spec)', 'bad_request')
  }
}

function mustBeKeepable(request: PreserveRequest): void {
  requireAttribution(request)
  if (!(request.forMs >= MIN_AUTO_RELEASE_MS && request.forMs <= MAX_PRESERVE_MS)) {
    throw ApplicationFailure.nonRetryable(
      'forMs must be from 30 minutes (the cloud’s minimum) to 30 days',
      'bad_request',
    )
  }
}
