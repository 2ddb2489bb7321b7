import { judgeResource } from '../../domain/sweep/judge-resource.ts'
import type { Decided, SweepLine, SweepOrder, SweepVerdict, SweptResource } from '../../domain/sweep/types.ts'
import { TAGS } from '../../domain/tags.ts'
import type { EcsApi } from '../ecs/api.ts'
import { EcsError } from '../ecs/ecs-error.ts'
import type { Look } from '../ecs/look.ts'
import type { Remove } from '../ecs/remove.ts'
import { askClaims, askHost } from './ask-claims.ts'
import type { SweepActivityDeps } from './deps.ts'
import { resourceOf } from './list-cloud.ts'

/** The joined calls of a region. */
export interface SweepCloud {
  ecs: EcsApi
  look: Look
  remove: Remove
}

/** Does what was decided of one resource, and says what became of it. The audit comes first: without a store nothing is done. */
export async function carryOut(
  deps: SweepActivityDeps,
  cloud: SweepCloud,
  input: SweepOrder,
  decided: Decided,
): Promise<SweepLine> {
  const work = WORK[decided.verdict]
  if (input.dryRun || !work) return lineOf(decided)
  try {
    return await work(deps, cloud, input, decided)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { ...lineOf(decided), reason: `${decided.reason}; not done: ${why}`, outcome: 'refused' }
  }
}

/** What a verdict asks for; the others ask for nothing. */
const WORK: { readonly [K in SweepVerdict]?: typeof carryOut } = {
  markOrphan: mark,
  unmark,
  delete: deleteOrphan,
}

export const lineOf = ({ resource, host, verdict, reason }: Decided): SweepLine => ({
  kind: resource.kind,
  id: resource.id,
  ...(host !== undefined && { host }),
  verdict,
  reason,
})

async function mark(
  deps: SweepActivityDeps,
  { ecs }: SweepCloud,
  input: SweepOrder,
  decided: Decided,
): Promise<SweepLine> {
  const { kind, id } = decided.resource
  const since = `${new Date(deps.clock()).toISOString().slice(0, 19)}Z`
  await note(deps, input, 'mark', decided)
  await ecs.tagResource(kind, id, { [TAGS.orphanSince]: since })
  return { ...lineOf(decided), outcome: 'done' }
}

async function unmark(
  deps: SweepActivityDeps,
  { ecs }: SweepCloud,
  input: SweepOrder,
  decided: Decided,
): Promise<SweepLine> {
  const { kind, id } = decided.resource
  await note(deps, input, 'unmark', decided)
  await ecs.untagResource(kind, id, [TAGS.orphanSince])
  return { ...lineOf(decided), outcome: 'done' }
}

/**
 * Sees it once more, by its id, and asks its host once more, in this order: only what is unclaimed by both is deleted.
 */
async function deleteOrphan(
  deps: SweepActivityDeps,
  cloud: SweepCloud,
  input: SweepOrder,
  decided: Decided,
): Promise<SweepLine> {
  const resource = await lookAgain(cloud, decided.resource)
  if (!resource) return { ...lineOf(decided), reason: 'is gone by itself', outcome: 'changed' }
  const again = await judgeAgain(deps, input, resource)
  if (again.verdict !== 'delete') return { ...lineOf(again), outcome: 'changed' }
  await note(deps, input, 'delete', again)
  try {
    const { kind, id } = resource
    await (kind === 'instance' ? cloud.remove(id) : cloud.ecs.deleteFree(kind, id))
  } catch (error) {
    if (!(error instanceof EcsError) || error.fault.class !== 'gone') throw error
    return { ...lineOf(again), reason: 'is gone by itself', outcome: 'changed' }
  }
  const { host } = again
  deps.log.info({ host, [resource.kind]: resource.id }, `sweep: delete accepted: ${again.reason}`)
  return { ...lineOf(again), outcome: 'done' }
}

async function lookAgain(
  { look, ecs }: SweepCloud,
  { kind, id }: SweptResource,
): Promise<SweptResource | undefined> {
  if (kind !== 'instance') return await ecs.freeResource(kind, id)
  const instance = await look(id)
  return instance && resourceOf(instance)
}

/** Judged by what the server keeps; where that proves nothing, by the host's own word. */
async function judgeAgain(
  { temporal, clock }: SweepActivityDeps,
  input: SweepOrder,
  resource: SweptResource,
): Promise<Decided> {
  const host = resource.tags[TAGS.host] ?? ''
  const asked = { owner: input, policy: input.policy, now: clock() }
  const claims = await askClaims(temporal, [host])
  const first = judgeResource(resource, { ...asked, claims })
  if (first.verdict !== 'doubtful') return first
  return judgeResource(resource, { ...asked, claims: { [host]: await askHost(temporal, host) } })
}

async function note(
  { store, clock }: SweepActivityDeps,
  { by, why }: SweepOrder,
  what: 'mark' | 'unmark' | 'delete',
  { resource, host, reason }: Decided,
): Promise<void> {
  await store.audit.add({
    at: clock(),
    who: 'sweep',
    what: `${what} ${resource.kind} ${resource.id}`,
    target: `host ${host ?? '(none)'}`,
    why: `${reason} (sweep by ${by}: ${why})`,
  })
}
