import { MusterError } from '../../domain/errors.ts'
import { sweepLimit } from '../../domain/sweep/decide.ts'
import type { SweepPolicy, SweptResource } from '../../domain/sweep/types.ts'
import { TAGS } from '../../domain/tags.ts'
import { MAX_IDS } from '../ecs/api.ts'
import type { CloudInstance, EcsApi } from '../ecs/api.ts'

/** How often the list is read at most, until two readings agree. */
const READINGS = 4

/**
 * Everything of this controller: all instances, and disks and network interfaces that are attached to nothing. The list
 * of tags and the descriptions must agree; ids that are listed and not described are looked at once more, because a
 * list that changes while it is read is none to delete by.
 *
 * @throws MusterError `unavailable` when they do not agree; `EcsError` when any page failed
 */
export async function listCloud(
  ecs: EcsApi,
  controller: string,
  policy: SweepPolicy,
): Promise<SweptResource[]> {
  const tags = { [TAGS.controller]: controller }
  const instances = await listInstances(ecs, tags, policy)
  const free = [...(await ecs.freeResources('disk')), ...(await ecs.freeResources('interface'))]
  const ours = free.filter((one) => one.tags[TAGS.controller] === controller)
  return [...instances.map(resourceOf), ...ours]
}

/** As the decision takes it. */
export const resourceOf = ({ instanceId, status, createdAt, tags }: CloudInstance): SweptResource => ({
  kind: 'instance',
  id: instanceId,
  status,
  ...(createdAt !== undefined && { createdAt }),
  tags,
})

async function listInstances(
  ecs: EcsApi,
  tags: Record<string, string>,
  policy: SweepPolicy,
): Promise<CloudInstance[]> {
  let before: string | undefined
  for (let reading = 1; reading <= READINGS; reading++) {
    const ids = await ecs.taggedInstances(tags)
    const instances = await describe(ecs, ids)
    const known = new Set(instances.map(({ instanceId }) => instanceId))
    const undescribed = ids.filter((id) => !known.has(id))
    if (undescribed.length > sweepLimit(policy, ids.length)) throw disagree(undescribed, ids)
    const now = undescribed.toSorted().join(' ')
    // Tags of what is gone may be listed for a while: the same ones twice are no change.
    if (undescribed.length === 0 || now === before) return instances
    before = now
  }
  throw new MusterError('unavailable', `the list of instances changed in each of ${READINGS} readings`)
}

async function describe(ecs: EcsApi, ids: string[]): Promise<CloudInstance[]> {
  const found: CloudInstance[] = []
  for (let at = 0; at < ids.length; at += MAX_IDS) {
    found.push(...(await ecs.describeInstances(ids.slice(at, at + MAX_IDS))))
  }
  return found
}

const disagree = (undescribed: string[], ids: string[]): MusterError =>
  new MusterError(
    'unavailable',
    `the cloud lists ${ids.length} instances by tag, but does not describe ${undescribed.length} of them, ${undescribed[0]} among them`,
  )
