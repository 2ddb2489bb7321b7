import type { FaultInput } from '../../../emulator/index.ts'
import type { Random } from '../../../emulator/random.ts'
import { FLEET } from './stage.ts'

/** One thing that goes wrong, or that somebody asks for in the middle of it. */
export type Trouble =
  | { kind: 'fault'; name: string; fault: FaultInput }
  | { kind: 'kill'; name: string; part: 'worker' | 'api' | 'temporal'; which: number; awayMs: number }
  | Wish

/** `certain`: asked again until it is accepted, before anything else happens. */
export type Wish = { kind: 'ask'; certain?: true } & (
  | { name: 'resize'; size: number; /** As soon as hosts are on their way out. */ onceRetiring?: true }
  | { name: 'roll' | 'apply' | 'pause' | 'replace' | 'drain' | 'sweep'; turn: number }
)

const LONGEST_AWAY_MS = 4_000
const MOST_STRUCK = 4

const CALLS = [
  'RunInstances',
  'DescribeInstances',
  'DeleteInstances',
  'ModifyInstanceAutoReleaseTime',
] as const

/** Without its word of when to ask again, all launches of a worker would wait for the next minute. */
const THROTTLED = { type: 'throttle', retryAfterMs: 2_000 } as const
/** Of calls: each strikes a few of them. */
const CALL_EFFECTS: FaultInput['effect'][] = [
  THROTTLED,
  { type: 'error', code: 'InternalError', httpStatus: 500 },
  { type: 'error', code: 'ServiceUnavailable', httpStatus: 503 },
  { type: 'htmlBody' },
  { type: 'resetBefore' },
  { type: 'resetAfter' },
  { type: 'hang', when: 'after', seconds: 8 },
  { type: 'delay', ms: 1_500 },
]

/** Of instances: each strikes a few of those made next. */
const INSTANCE_EFFECTS: FaultInput['effect'][] = [
  { type: 'stockOut' },
  { type: 'vanish', afterSeconds: 1 },
  { type: 'vanish', afterSeconds: 12 },
  { type: 'muteAgent' },
  { type: 'noAgent' },
  { type: 'spotReclaim', afterSeconds: 3, noticeSeconds: 6 },
  { type: 'lateIp', seconds: 3 },
  { type: 'lateId', seconds: 3 },
  { type: 'wrongIdentity' },
]

/** Kills of Temporal cost most of a short run: they are rarer. */
const PARTS = ['worker', 'worker', 'worker', 'api', 'api', 'temporal'] as const
const ASKED = ['roll', 'apply', 'pause', 'replace', 'drain', 'replace', 'sweep', 'sweep'] as const

/**
 * What every run begins with: where one of these was never met, that it did no harm proves nothing. Faults of launches and deletes
 * come first, and then those: the fleet shrinks and grows again while the surplus is still there, as its deletes fail twice
 * each (incident 14); a build without a limit of launches goes beyond it here. The others come in an order of the seed.
 */
export function openingTroubles(random: Random, hosts: number): Trouble[] {
  const others: Trouble[] = [
    // Hosts are looked at all the time: this one is certain to strike.
    struckBy('DescribeInstances', THROTTLED, 2),
    struckBy('RunInstances', { type: 'vanish', afterSeconds: 12 }, 2),
    struckBy('RunInstances', { type: 'spotReclaim', afterSeconds: 3, noticeSeconds: 6 }, 2),
    { kind: 'kill', name: 'kill worker', part: 'worker', which: random.integer(2), awayMs: 1_000 },
    { kind: 'kill', name: 'kill api', part: 'api', which: random.integer(2), awayMs: 1_000 },
    { kind: 'kill', name: 'kill temporal', part: 'temporal', which: 0, awayMs: 1_000 },
    { kind: 'ask', name: 'replace', turn: 0 },
    { kind: 'ask', name: 'sweep', turn: 0 },
  ]
  return [
    struckBy('RunInstances', { type: 'resetAfter' }, 2),
    struckBy('RunInstances', { type: 'hang', when: 'after', seconds: 8 }, 1),
    struckBy('RunInstances', { type: 'stockOut' }, 2),
    struckBy('RunInstances', { type: 'muteAgent' }, 2),
    // Not at once: launches that wait come too late for what is on its way out.
    struckBy('RunInstances', THROTTLED, 2, Math.ceil(hosts / 3)),
    struckBy('DeleteInstances', { type: 'resetAfter' }, 2),
    struckBy('DeleteInstances', { type: 'error', code: 'InternalError', httpStatus: 500 }, 2 * hosts),
    { kind: 'ask', certain: true, name: 'resize', size: Math.ceil(hosts / 6) },
    { kind: 'ask', certain: true, name: 'resize', size: hosts, onceRetiring: true },
    { kind: 'ask', certain: true, name: 'roll', turn: 0 },
    ...shuffled(random, others),
  ]
}

/** Draws the next trouble for a fleet of that size. */
export function nextTrouble(random: Random, hosts: number): Trouble {
  const drawn = random.next()
  if (drawn < 0.3) return callFault(random)
  if (drawn < 0.6) return instanceFault(random)
  if (drawn < 0.75) return kill(random)
  if (drawn < 0.87) return { kind: 'ask', name: 'resize', size: random.integer(hosts + 1) }
  return { kind: 'ask', name: pick(random, ASKED), turn: random.integer(1_000_000) }
}

function callFault(random: Random): Trouble {
  const action = pick(random, CALLS)
  const effect = pick(random, CALL_EFFECTS)
  return struckBy(action, effect, 1 + random.integer(MOST_STRUCK))
}

function instanceFault(random: Random): Trouble {
  const effect = pick(random, INSTANCE_EFFECTS)
  return struckBy('RunInstances', effect, 1 + random.integer(MOST_STRUCK))
}

/** The fault, named after what it strikes: a call, or instances. */
function struckBy(
  action: (typeof CALLS)[number],
  effect: FaultInput['effect'],
  count: number,
  after = 0,
): Extract<Trouble, { kind: 'fault' }> {
  const isOfInstance = INSTANCE_EFFECTS.some(({ type }) => type === effect.type)
  const name = `${isOfInstance ? 'instance' : action}: ${effectName(effect)}`
  // Some strike what is there already: not the instances of strangers, whose end would be laid at our door.
  const match = { host: `${FLEET}/*` }
  return { kind: 'fault', name, fault: { action, count, after, effect, ...(isOfInstance && { match }) } }
}

function kill(random: Random): Trouble {
  const part = pick(random, PARTS)
  const awayMs = Math.round(random.next() * LONGEST_AWAY_MS)
  return { kind: 'kill', name: `kill ${part}`, part, which: random.integer(2), awayMs }
}

const effectName = (effect: FaultInput['effect']): string =>
  effect.type === 'error' ? `${effect.type} ${effect.code}` : effect.type

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const rest = [...list]
  return list.flatMap(() => rest.splice(random.integer(rest.length), 1))
}

function pick<T>(random: Random, list: readonly [T, ...T[]] | readonly T[]): T {
  const one = list[random.integer(list.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}
