import { clockText } from '../durations.ts'
import type { AttemptKey } from '../ids.ts'
import { TAGS, readInstanceTags } from '../tags.ts'
import type { Claim, Decided, SweepPolicy, SweepQuestion, SweptResource } from './types.ts'

type Told = Pick<Decided, 'verdict' | 'reason'>
type Running = Extract<Claim, { kind: 'running' }>
type Attribution = Pick<SweepQuestion, 'claims' | 'owner' | 'policy' | 'now'>

/**
 * One resource on its own: in doubt it is kept. The limits over all are {@link decideSweep}'s.
 */
export function judgeResource(resource: SweptResource, asked: Attribution): Decided {
  const named = readInstanceTags(resource.tags)
  if (!named) return { resource, ...unnamed(resource, asked) }
  const { host } = named.key
  if (
    named.owner.namespaceId !== asked.owner.namespaceId ||
    named.owner.controller !== asked.owner.controller
  ) {
    const whose = `${named.owner.controller} in namespace ${named.owner.namespaceId}`
    return { resource, host, verdict: 'foreign', reason: `belongs to another installation: ${whose}` }
  }
  const claim = asked.claims[host] ?? { kind: 'unanswered', why: 'its host was not asked for' }
  return { resource, host, ...(kept(resource, asked) ?? byClaim(resource, named.key, claim, asked)) }
}

/** Found by the tag of this controller, but the others are missing: RunInstances sets all of them at once. */
function unnamed(resource: SweptResource, { policy, now }: Attribution): Told {
  const young = tooYoung(resource, policy, now)
  if (young) return young
  const named = Object.values(TAGS).filter((name) => name in resource.tags)
  return { verdict: 'unreadable', reason: `its tags name no attempt of a host (it has ${named.join(', ')})` }
}

function tooYoung({ createdAt }: SweptResource, { ageGuardMs }: SweepPolicy, now: number): Told | undefined {
  if (createdAt === undefined) return { verdict: 'tooYoung', reason: 'the cloud does not say how old it is' }
  const ageMs = now - createdAt
  if (ageMs >= ageGuardMs) return undefined
  return { verdict: 'tooYoung', reason: `is ${clockText(ageMs)} old, under ${clockText(ageGuardMs)}` }
}

/** Reasons to keep it whatever its host says. */
function kept(resource: SweptResource, { policy, now }: Attribution): Told | undefined {
  if (resource.kind !== 'instance' && resource.status !== 'Available') {
    return { verdict: 'claimed', reason: `is ${resource.status}` }
  }
  const young = tooYoung(resource, policy, now)
  if (young) return young
  const until = resource.tags[TAGS.preserveUntil]
  if (until === undefined) return undefined
  const untilMs = Date.parse(until)
  if (untilMs <= now) return undefined
  return { verdict: 'preserved', reason: `is kept for a person until ${until}` }
}

function byClaim(resource: SweptResource, key: AttemptKey, claim: Claim, asked: Attribution): Told {
  switch (claim.kind) {
    case 'unanswered':
      return { verdict: 'doubtful', reason: claim.why }
    case 'ended':
      return unclaimed(resource, claim.how, asked)
    case 'running':
      return byRunning(resource, key, claim, asked)
  }
}

function byRunning(resource: SweptResource, key: AttemptKey, claim: Running, asked: Attribution): Told {
  const { host, generation, attempt } = key
  if (claim.generation === undefined || claim.attempt === undefined) {
    return { verdict: 'doubtful', reason: `${host} does not say which attempt it is at` }
  }
  if (claim.generation !== generation) {
    return unclaimed(resource, `${host} runs in another generation, ${claim.generation}`, asked)
  }
  if (claim.attempt > attempt) {
    return unclaimed(resource, `${host} is at attempt ${claim.attempt}, past ${attempt}`, asked)
  }
  if (claim.attempt < attempt) {
    // Only a Temporal that was set back can know less than the cloud.
    return { verdict: 'doubtful', reason: `${host} is at attempt ${claim.attempt}, before ${attempt}` }
  }
  return byInstance(resource, key, claim, asked)
}

function byInstance(
  resource: SweptResource,
  { host, attempt }: AttemptKey,
  claim: Running,
  asked: Attribution,
): Told {
  const { instanceId, byWorkflow } = claim
  const isIts = resource.kind !== 'instance' || instanceId === undefined || instanceId === resource.id
  if (isIts) return claimed(resource, `${host}, attempt ${attempt}`)
  if (byWorkflow) return unclaimed(resource, `${host} has ${instanceId} for attempt ${attempt}`, asked)
  return { verdict: 'doubtful', reason: `${host} seems to have ${instanceId} for attempt ${attempt}` }
}

const claimed = ({ tags }: SweptResource, by: string): Told =>
  TAGS.orphanSince in tags
    ? { verdict: 'unmark', reason: `belongs to ${by} after all` }
    : { verdict: 'claimed', reason: `belongs to ${by}` }

/**
 * Of the age guard: so long a mark must have stood. Sweeps come once per age guard, and one that is quicker than the one
 * before it still finds that mark old enough; one that is asked for by hand right after it does not (decision 18).
 */
const MARK_SHARE = 0.5

/** First marked, and deleted by a later sweep alone. */
function unclaimed({ tags, createdAt = 0 }: SweptResource, why: string, { policy, now }: Attribution): Told {
  const since = Date.parse(tags[TAGS.orphanSince] ?? '')
  const forMs = now - since
  // No mark, one that cannot be read, one ahead of the clock, or one older than what it is on, which was copied with the
  // other tags of a machine ("launch more like this"): starts over.
  if (!(forMs >= 0 && since >= createdAt)) return { verdict: 'markOrphan', reason: `unclaimed: ${why}` }
  const text = `unclaimed for ${clockText(forMs)}: ${why}`
  return { verdict: forMs >= MARK_SHARE * policy.ageGuardMs ? 'delete' : 'marked', reason: text }
}
