import { waitFor } from '../../cli/wait-for.ts'
import type { AttemptOutcome } from '../../domain/host/types.ts'
import { hostId, type HostId } from '../../domain/ids.ts'
import type { ApplySpecRequest, ReplaceRequest, RetireRequest } from '../../domain/messages.ts'
import { HOST_UPDATES } from '../../domain/messages.ts'
import type { HostSpec } from '../../domain/spec.ts'
import type { FaultInput, RecordedCall } from '../../emulator/index.ts'
import { emulatedSpec } from '../support/emulated-spec.ts'
import { startHost, until } from '../support/fleet-of-hosts.ts'
import type { Processes } from '../support/processes.ts'
import { idsOf, type CloudWatch } from '../support/whole-cloud.ts'

/** Silence is no part of this: a machine that is busy starting processes may be late with beats. */
export const PATIENT: Partial<HostSpec> = {
  heartbeatTimeoutMs: 60_000,
  silentGraceMs: 120_000,
  bootTimeoutMs: 5 * 60_000,
  backoff: { initialMs: 1_000, maxMs: 1_000 },
}
/** The first attempt of a mute host; the next one gets {@link PATIENT}. */
const HASTY_BOOT_MS = 5_000
const ASKED = { by: 'test', why: 'a worker is to die meanwhile' }

export type KilledActivity = 'launchInstance' | 'awaitRunning' | 'captureEvidence' | 'deleteInstance'

/** What happens to the call of the cloud while the worker is killed. */
export type Blow =
  /** The request hangs, nothing has been done. */
  | 'asked'
  /** Done, and the answer never comes. */
  | 'done'
  /** Done, and the connection is reset: the next try stands at the door. */
  | 'reset'
  /** Done and answered; whether the server hears of it is a matter of luck. */
  | 'answered'

export interface KillCase {
  activity: KilledActivity
  blow: Blow
  /** Outcomes of the attempts that end; one more is ready at last, unless the host is retired. */
  ends: AttemptOutcome[]
  retired?: true
  /** The call hangs again and again; the others last for one call of 8 s or less. */
  lasting?: true
}

/**
 * Calls that hang while the worker is killed. Each group waits for the one before: what lasts first, then evidence,
 * which comes with a deadline, then what takes a moment. Looks are made for many hosts at once, so theirs is the last.
 */
export const HANGING_CASES: KillCase[][] = [
  [
    { activity: 'launchInstance', blow: 'asked', ends: [], lasting: true },
    { activity: 'launchInstance', blow: 'done', ends: [], lasting: true },
    { activity: 'deleteInstance', blow: 'asked', ends: ['replaced'], lasting: true },
  ],
  [{ activity: 'captureEvidence', blow: 'asked', ends: ['mute'] }],
  [
    { activity: 'deleteInstance', blow: 'done', ends: ['replaced'] },
    { activity: 'deleteInstance', blow: 'done', ends: ['retired'], retired: true },
  ],
  [{ activity: 'awaitRunning', blow: 'asked', ends: [] }],
]

/** The worker is killed the moment the cloud has answered. */
export const ANSWERED_CASES: KillCase[] = [
  { activity: 'launchInstance', blow: 'reset', ends: [] },
  { activity: 'awaitRunning', blow: 'answered', ends: [] },
  { activity: 'captureEvidence', blow: 'answered', ends: ['mute'] },
  { activity: 'deleteInstance', blow: 'reset', ends: ['replaced'] },
  ...(process.env['MUSTER_DEEP'] ? deepCases() : []),
]

function deepCases(): KillCase[] {
  return [
    { activity: 'launchInstance', blow: 'answered', ends: [] },
    { activity: 'awaitRunning', blow: 'reset', ends: [] },
    { activity: 'captureEvidence', blow: 'reset', ends: ['mute'] },
    { activity: 'deleteInstance', blow: 'answered', ends: ['replaced'] },
    { activity: 'deleteInstance', blow: 'reset', ends: ['retired'], retired: true },
  ]
}

const BLOWS: Record<Blow, string> = {
  asked: 'nothing done yet',
  done: 'done but not answered',
  reset: 'done and reset',
  answered: 'answered',
}

export const caseName = ({ activity, blow, retired }: KillCase): string =>
  `${activity}, ${BLOWS[blow]}${retired ? ', of a retired host' : ''}`

const CALLS: Record<KilledActivity, string> = {
  launchInstance: 'RunInstances',
  awaitRunning: 'DescribeInstances',
  captureEvidence: 'GetInstanceConsoleOutput',
  deleteInstance: 'DeleteInstances',
}

/** Everything that needs no hurry: hosts whose instance will be deleted are made ready. */
export async function prepare(world: Processes, slot: number, { activity }: KillCase): Promise<void> {
  if (activity !== 'deleteInstance') return
  const host = await startHost(world, slot, PATIENT)
  await until(world, host, 'ready')
}

/**
 * Brings the host to the call that the worker is to die in, and waits until it is there. Deletes and looks of several
 * hosts travel in one call, which only one fault strikes.
 */
export async function bringToTheCall(
  world: Processes,
  watch: CloudWatch,
  slot: number,
  one: KillCase,
): Promise<void> {
  const host = hostId('render', slot)
  if (one.blow !== 'answered') {
    world.cloud.emulator.addFault({
      action: CALLS[one.activity],
      match: { host },
      ...(!one.lasting && { count: 1 }),
      effect: EFFECTS[one.blow],
    })
  }
  await reach(world, slot, one)
  await untilAnswered(world, watch, host, one.activity, one.blow === 'answered' ? ['OK'] : ['hang', 'reset'])
}

/** Waits until the cloud has done with such a call about the host's first instance. */
async function untilAnswered(
  world: Processes,
  { made }: CloudWatch,
  host: HostId,
  activity: KilledActivity,
  outcomes: string[],
): Promise<void> {
  const isIt = ({ action, outcome, parameters }: RecordedCall) =>
    action === CALLS[activity] &&
    outcomes.includes(outcome) &&
    names(parameters, [host, ...idsOf(made, host, 1)])
  await waitFor(
    `${CALLS[activity]} about ${host} to end as ${outcomes.join(' or ')}`,
    () => world.cloud.emulator.recorder.calls().some(isIt),
    { everyMs: 5 },
  )
}

/** Hosts stand in tags, instances in single ids or in lists. */
const names = (parameters: Record<string, string>, texts: string[]): boolean =>
  Object.values(parameters).some((value) =>
    texts.some((text) => value === text || value.includes(`"${text}"`)),
  )

const EFFECTS: Record<Exclude<Blow, 'answered'>, FaultInput['effect']> = {
  asked: { type: 'hang', when: 'before' },
  done: { type: 'hang', when: 'after' },
  reset: { type: 'resetAfter' },
}

async function reach(world: Processes, slot: number, { activity, retired }: KillCase): Promise<void> {
  const host = hostId('render', slot)
  if (activity === 'launchInstance' || activity === 'awaitRunning') {
    await startHost(world, slot, PATIENT)
  } else if (activity === 'captureEvidence') {
    await startMute(world, slot)
  } else {
    const request: ReplaceRequest & RetireRequest = { ...ASKED, drain: false }
    const update = retired ? HOST_UPDATES.retire : HOST_UPDATES.replace
    await world.handle(host).executeUpdate(update, { args: [request] })
  }
}

/** A host whose first agent stays mute, with a boot deadline soon; its next attempt has time. */
export async function startMute(
  world: Processes,
  slot: number,
  changes: Partial<HostSpec> = {},
): Promise<void> {
  const host = hostId('render', slot)
  world.cloud.emulator.addFault({ match: { host }, count: 1, effect: { type: 'muteAgent' } })
  await startHost(world, slot, { ...PATIENT, bootTimeoutMs: HASTY_BOOT_MS, ...changes })
  await until(world, host, 'booting')
  await givePatience(world, slot)
}

export async function givePatience(world: Processes, slot: number): Promise<void> {
  const spec = emulatedSpec(PATIENT)
  const request: ApplySpecRequest = { ...ASKED, spec, hash: await world.store.specs.put(spec, Date.now()) }
  await world.handle(hostId('render', slot)).executeUpdate(HOST_UPDATES.applySpec, { args: [request] })
}
