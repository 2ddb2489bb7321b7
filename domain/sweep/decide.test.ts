import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TAGS, instanceTags } from '../tags.ts'
import { propertyRuns } from '../testing/property-runs.ts'
import { decideSweep, sweepLimit } from './decide.ts'
import { judgeResource } from './judge-resource.ts'
import { DEFAULT_SWEEP_POLICY } from './types.ts'
import type { Claim, SweepDecision, SweepQuestion, SweptResource } from './types.ts'

const MINUTE = 60_000
const NOW = Date.parse('2026-03-02T10:00:00Z')
const OWNER = { controller: 'studio', namespaceId: 'n-1' }
const KEY = { host: 'render/00001', generation: 'a1b2c3d4e5', attempt: 2 }
const RUNNING = { kind: 'running', generation: KEY.generation, attempt: 2, byWorkflow: false } as const

const iso = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`

function resource(changes: Partial<SweptResource> = {}, tags: Record<string, string> = {}): SweptResource {
  return {
    kind: 'instance',
    id: 'i-1',
    status: 'Running',
    createdAt: NOW - 60 * MINUTE,
    ...changes,
    tags: { ...instanceTags(OWNER, KEY), ...tags },
  }
}

const markedFor = (ms: number) => ({ [TAGS.orphanSince]: iso(NOW - ms) })

function verdict(one: SweptResource, claim?: Claim) {
  const claims = claim ? { [KEY.host]: claim } : {}
  const { verdict: said, reason } = judgeResource(one, {
    claims,
    owner: OWNER,
    policy: DEFAULT_SWEEP_POLICY,
    now: NOW,
  })
  return `${said}: ${reason}`
}

const ENDED: Claim = { kind: 'ended', how: 'host render/00001 has ended (terminated)' }

describe('one resource', () => {
  const cases: [string, SweptResource, Claim | undefined, string][] = [
    [
      'that its host has',
      resource(),
      { ...RUNNING, instanceId: 'i-1' },
      'claimed: belongs to render/00001, attempt 2',
    ],
    ['whose host does not know its instance yet', resource(), RUNNING, 'claimed: belongs to render/00001'],
    ['whose host has ended', resource(), ENDED, 'markOrphan: unclaimed: host render/00001 has ended'],
    ['marked lately', resource({}, markedFor(5 * MINUTE - 1_000)), ENDED, 'marked: unclaimed for 4:59: host'],
    ['marked long ago', resource({}, markedFor(5 * MINUTE)), ENDED, 'delete: unclaimed for 5:00: host'],
    [
      'marked ahead of the clock',
      resource({}, markedFor(-MINUTE)),
      ENDED,
      'markOrphan: unclaimed: host render/00001 has ended',
    ],
    [
      'with a mark that is no time',
      resource({}, { [TAGS.orphanSince]: 'yes' }),
      ENDED,
      'markOrphan: unclaimed: host render/00001 has ended',
    ],
    [
      'with a mark older than itself, copied with its tags',
      resource({ createdAt: NOW - 20 * MINUTE }, markedFor(21 * MINUTE)),
      ENDED,
      'markOrphan: unclaimed: host render/00001 has ended',
    ],
    [
      'marked, and claimed after all',
      resource({}, markedFor(60 * MINUTE)),
      { ...RUNNING, instanceId: 'i-1' },
      'unmark: belongs to render/00001, attempt 2 after all',
    ],
    ['made just now', resource({ createdAt: NOW - 9 * MINUTE }), ENDED, 'tooYoung: is 9:00 old'],
    ['made ahead of our clock', resource({ createdAt: NOW + MINUTE }), ENDED, 'tooYoung: is 0:00 old'],
    [
      'kept for a person',
      resource({}, { [TAGS.preserveUntil]: iso(NOW + MINUTE), ...markedFor(60 * MINUTE) }),
      ENDED,
      'preserved: is kept for a person until 2026-03-02T10:01:00Z',
    ],
    [
      'kept until something that is no time',
      resource({}, { [TAGS.preserveUntil]: 'friday', ...markedFor(60 * MINUTE) }),
      ENDED,
      'preserved: is kept for a person until friday',
    ],
    [
      'kept for a person whose time is over',
      resource({}, { [TAGS.preserveUntil]: iso(NOW - MINUTE) }),
      ENDED,
      'markOrphan: unclaimed: host render/00001 has ended',
    ],
    [
      'of another namespace',
      resource({}, { [TAGS.namespace]: 'n-2', ...markedFor(60 * MINUTE) }),
      ENDED,
      'foreign: belongs to another installation: studio in namespace n-2',
    ],
    [
      'whose tags name no attempt',
      resource({}, { [TAGS.attempt]: 'two', ...markedFor(60 * MINUTE) }),
      ENDED,
      'unreadable: its tags name no attempt of a host',
    ],
    [
      'of a later attempt than its host knows',
      resource({}, markedFor(60 * MINUTE)),
      { ...RUNNING, attempt: 1 },
      'doubtful: render/00001 is at attempt 1, before 2',
    ],
    [
      'of an earlier attempt',
      resource(),
      { ...RUNNING, attempt: 3 },
      'markOrphan: unclaimed: render/00001 is at attempt 3, past 2',
    ],
    [
      'of another generation',
      resource(),
      { ...RUNNING, generation: '0000000000' },
      'markOrphan: unclaimed: render/00001 runs in another generation, 0000000000',
    ],
    [
      'beside the one its host seems to have',
      resource({}, markedFor(60 * MINUTE)),
      { ...RUNNING, instanceId: 'i-2' },
      'doubtful: render/00001 seems to have i-2 for attempt 2',
    ],
    [
      'beside the one its host says it has',
      resource({}, markedFor(60 * MINUTE)),
      { ...RUNNING, instanceId: 'i-2', byWorkflow: true },
      'delete: unclaimed for 1:00:00: render/00001 has i-2 for attempt 2',
    ],
    [
      'whose host was not asked',
      resource({}, markedFor(60 * MINUTE)),
      undefined,
      'doubtful: its host was not',
    ],
    [
      'a disk in use',
      resource({ kind: 'disk', status: 'In_use' }, markedFor(60 * MINUTE)),
      ENDED,
      'claimed: is In_use',
    ],
    [
      'a free disk of a host that has ended',
      resource({ kind: 'disk', status: 'Available' }, markedFor(60 * MINUTE)),
      ENDED,
      'delete: unclaimed for 1:00:00: host',
    ],
  ]
  test.each(cases)('%s', (_what, one, claim, expected) => {
    expect(verdict(one, claim)).toContain(expected)
  })

  test('without an age is taken for young', () => {
    const { createdAt: _, ...ageless } = resource({}, markedFor(60 * MINUTE))
    expect(verdict(ageless, ENDED)).toContain('tooYoung: the cloud does not say how old it is')
  })
})

function many(count: number, fleet = 'render', kind: SweptResource['kind'] = 'instance'): SweptResource[] {
  return Array.from({ length: count }, (_, at) => {
    const key = { ...KEY, host: `${fleet}/${String(at + 1).padStart(5, '0')}` }
    const one = resource({ id: `${fleet}-${kind}-${at}`, kind, status: 'Available' }, markedFor(60 * MINUTE))
    return { ...one, tags: { ...one.tags, ...instanceTags(OWNER, key) } }
  })
}

const question = (resources: SweptResource[], fleets: Record<string, number>): SweepQuestion => ({
  resources,
  fleets,
  claims: Object.fromEntries(resources.map(({ tags }) => [tags[TAGS.host] ?? '', ENDED])),
  owner: OWNER,
  policy: DEFAULT_SWEEP_POLICY,
  now: NOW,
})

describe('more than the limit', () => {
  const deletes = (asked: SweepQuestion) =>
    decideSweep(asked).decided.filter((one) => one.verdict === 'delete').length

  test('five of a small fleet go, six stay and are told', () => {
    expect(deletes(question(many(5), { render: 10 }))).toBe(5)
    const { decided, alarms } = decideSweep(question(many(6), { render: 10 }))
    expect(new Set(decided.map((one) => one.verdict))).toEqual(new Set(['held']))
    expect(alarms[0]).toContain('6 instances of fleet render are unclaimed, more than 5')
  })

  test('of a large fleet five per cent go', () => {
    expect(deletes(question(many(50), { render: 1000 }))).toBe(50)
    expect(deletes(question(many(51), { render: 1000 }))).toBe(0)
  })

  test('a small fleet is not hidden in a large one, nor many small ones in each other', () => {
    expect(deletes(question([...many(6, 'small')], { render: 5000, small: 6 }))).toBe(0)
    const fleets = ['a', 'b', 'c']
    const sizes = Object.fromEntries(fleets.map((fleet) => [fleet, 5]))
    expect(
      deletes(
        question(
          fleets.flatMap((fleet) => many(4, fleet)),
          sizes,
        ),
      ),
    ).toBe(0)
  })

  test('a fleet that is unknown has no share, whatever its name', () => {
    const { decided, alarms } = decideSweep(question(many(6, 'constructor'), { render: 5000 }))
    expect(new Set(decided.map((one) => one.verdict))).toEqual(new Set(['held']))
    expect(alarms[0]).toContain('6 instances of fleet constructor are unclaimed, more than 5')
  })

  test('kinds are counted apart, and one that is too many holds the others', () => {
    expect(deletes(question([...many(5), ...many(5, 'render', 'disk')], { render: 10 }))).toBe(10)
    expect(deletes(question([...many(5), ...many(6, 'render', 'disk')], { render: 10 }))).toBe(0)
  })
})

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const when = fc.integer({ min: -30, max: 120 }).map((minutes) => NOW - minutes * MINUTE)
const text = fc.oneof(when.map(iso), fc.constantFrom('', 'soon', '0'))
const attempt = fc.integer({ min: 1, max: 3 })
const generation = fc.constantFrom('aaaaaaaaaa', 'bbbbbbbbbb')
const hosts = ['a/00001', 'a/00002', 'b/00001', 'b/00000', 'no host']

const anyResource = fc
  .record({
    kind: fc.constantFrom('instance' as const, 'disk' as const, 'interface' as const),
    id: fc.constantFrom('x-1', 'x-2', 'x-3'),
    status: fc.constantFrom('Available', 'Running', 'In_use'),
    createdAt: maybe(when),
    host: fc.constantFrom(...hosts),
    generation,
    attempt: fc.oneof(attempt.map(String), fc.constantFrom('', '0', 'x')),
    namespaceId: fc.constantFrom('n-1', 'n-1', 'n-1', 'n-2'),
    preserve: maybe(text),
    orphan: maybe(text),
    lost: fc.subarray(Object.values(TAGS), { maxLength: 1 }),
  })
  .map(({ kind, id, status, createdAt, ...told }): SweptResource => {
    const tags: Record<string, string> = {
      ...instanceTags({ ...OWNER, namespaceId: told.namespaceId }, { ...told, attempt: 1 }),
      [TAGS.attempt]: told.attempt,
      ...(told.preserve !== undefined && { [TAGS.preserveUntil]: told.preserve }),
      ...(told.orphan !== undefined && { [TAGS.orphanSince]: told.orphan }),
    }
    for (const name of told.lost) delete tags[name]
    return { kind, id, status, ...(createdAt !== undefined && { createdAt }), tags }
  })

const ended = fc.constant({ kind: 'ended', how: 'ended' } as const)
const anyClaim: fc.Arbitrary<Claim> = fc.oneof(
  ended,
  ended,
  fc.constant({ kind: 'unanswered', why: 'no answer' } as const),
  fc
    .record({
      generation: maybe(generation),
      attempt: maybe(attempt),
      instanceId: maybe(fc.constantFrom('x-1', 'x-2')),
      byWorkflow: fc.boolean(),
    })
    .map(
      (told) =>
        ({
          kind: 'running',
          ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)),
        }) as Claim,
    ),
)

/** What is to go when its host has ended. */
const anyOrphan = fc
  .record({
    kind: fc.constantFrom('instance' as const, 'disk' as const),
    host: fc.constantFrom('a/00001', 'a/00002', 'b/00001'),
    markedMs: fc.integer({ min: 5, max: 60 }).map((minutes) => minutes * MINUTE),
  })
  .map(({ kind, host, markedMs }) => {
    const tags = { ...instanceTags(OWNER, { ...KEY, host }), ...markedFor(markedMs) }
    return { kind, id: 'x-1', status: 'Available', createdAt: NOW - 120 * MINUTE, tags }
  })

/** Without a size fast-check stops at ten resources. */
const anyResources = fc.array(fc.oneof(anyResource, anyOrphan), { maxLength: 100, size: 'max' })
/** A twentieth of them is more than what may go of any fleet. */
const sizes = fc.dictionary(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 600 }))

/** How many of a kind are nobody's, of each fleet and of all; and how many may be. */
function unclaimedAndLimits({ decided }: SweepDecision, kind: string, fleets: Record<string, number>) {
  const ofKind = decided.filter(
    ({ verdict: said, resource: { kind: own } }) =>
      own === kind && /markOrphan|marked|delete|held/.test(said),
  )
  const counts = ['a', 'b'].map((fleet) => ({
    count: ofKind.filter(({ host }) => host?.startsWith(`${fleet}/`)).length,
    limit: sweepLimit(DEFAULT_SWEEP_POLICY, fleets[fleet] ?? 0),
  }))
  const all = Object.values(fleets).reduce((sum, size) => sum + size, 0)
  return [...counts, { count: ofKind.length, limit: sweepLimit(DEFAULT_SWEEP_POLICY, all) }]
}

test('whatever it is asked, it deletes nothing claimed, young, preserved, foreign or unmarked, nor more than the limit', () => {
  const reached = { deletes: 0, 'deletes of more than ten, by their share': 0, held: 0, 'held above ten': 0 }
  fc.assert(
    fc.property(anyResources, fc.dictionary(fc.constantFrom(...hosts), anyClaim), sizes, (...told) => {
      const [resources, claims, fleets] = told
      const asked = { resources, claims, fleets, owner: OWNER, policy: DEFAULT_SWEEP_POLICY, now: NOW }
      const decision = decideSweep(asked)
      const { decided } = decision
      expect(decided.map((one) => one.resource)).toEqual(resources)
      const gone = decided.filter((one) => one.verdict === 'delete').map((one) => one.resource)
      for (const one of gone) expectUnclaimed(one, claims)
      const kinds = ['instance', 'disk', 'interface']
      const bounds = kinds.flatMap((kind) => unclaimedAndLimits(decision, kind, fleets))
      const beyond = bounds.filter(({ count, limit }) => count > limit)
      const isHeld = decided.some((one) => one.verdict === 'held')
      expect(isHeld).toBe(beyond.length > 0)
      const mayGo = decided.some(({ verdict: said }) => /markOrphan|marked|delete/.test(said))
      expect(isHeld && mayGo).toBe(false)
      reached.deletes += gone.length
      if (gone.length > 0 && bounds.some(({ count }) => count > 10))
        reached['deletes of more than ten, by their share'] += 1
      if (isHeld) reached.held += 1
      if (beyond.some(({ limit }) => limit > 10)) reached['held above ten'] += 1
    }),
    propertyRuns(11, 1_200),
  )
  expect(Object.entries(reached).filter(([, times]) => times < 20)).toEqual([])
})

/** Said another way than the code under test says it. */
function expectUnclaimed(
  { kind, id, status, createdAt, tags }: SweptResource,
  claims: Record<string, Claim>,
): void {
  const claim = claims[tags[TAGS.host] ?? '']
  expect({
    isOld: NOW - (createdAt ?? NOW) >= 10 * MINUTE,
    isMarked: isMarked(tags, createdAt),
    isOurs: tags[TAGS.namespace] === OWNER.namespaceId && tags[TAGS.controller] === OWNER.controller,
    isKept: tags[TAGS.preserveUntil] !== undefined && !(Date.parse(tags[TAGS.preserveUntil] ?? '') <= NOW),
    isFree: kind === 'instance' || status === 'Available',
    isUnclaimed: claim?.kind === 'ended' || (claim?.kind === 'running' && isOther(claim, id, tags)),
  }).toEqual({ isOld: true, isMarked: true, isOurs: true, isKept: false, isFree: true, isUnclaimed: true })
}

/** Long enough, and after it was made: before that it was copied. */
function isMarked(tags: Record<string, string>, createdAt = NOW): boolean {
  const mark = Date.parse(tags[TAGS.orphanSince] ?? '')
  return NOW - mark >= 5 * MINUTE && mark >= createdAt
}

const isOther = (
  claim: Extract<Claim, { kind: 'running' }>,
  id: string,
  tags: Record<string, string>,
): boolean =>
  (claim.generation !== undefined && claim.generation !== tags[TAGS.generation]) ||
  (claim.attempt !== undefined && claim.attempt > Number(tags[TAGS.attempt])) ||
  (claim.byWorkflow && claim.instanceId !== undefined && claim.instanceId !== id)
