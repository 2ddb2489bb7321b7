import type { Instance } from '../cloud/instance.ts'
import type { Engine } from '../engine.ts'
import { impactOf } from '../statuspage/views.ts'

/** Everything the admin plane shows of the cloud, as plain JSON. User data is left out: it carries tokens. */
export function stateView(engine: Engine) {
  const { cloud } = engine
  return {
    now: new Date(cloud.clock.now()).toISOString(),
    instances: cloud.instances.newestFirst().map((instance) => ({
      ...withoutUserData(instance),
      machine: machineUrl(engine, instance),
    })),
    leftovers: cloud.leftovers.all(),
    statuses: countStatuses(cloud.instances.newestFirst()),
    waiting: cloud.transitions.waiting(),
    policy: cloud.policy,
    behaviour: cloud.settings.behaviour,
    ...cloud.capacity.snapshot(),
    rateLimits: engine.rateLimiter.limits(),
    faults: cloud.faults.list(),
    events: cloud.events.all(),
    calls: engine.recorder.counts(),
    statuspage: statuspageView(engine),
    catalogue: cloud.places.catalogue(),
  }
}

export type StateView = ReturnType<typeof stateView>

function withoutUserData({
  userData,
  ...instance
}: Instance): Omit<Instance, 'userData'> & { userDataBytes: number } {
  return { ...instance, userDataBytes: Buffer.byteLength(userData, 'base64') }
}

function machineUrl(engine: Engine, instance: Instance): string | undefined {
  return engine.cloud.power.machine(instance.instanceId)?.metadataUrl
}

function countStatuses(instances: readonly Instance[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status } of instances) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

function statuspageView({ statuspage: { state, requestsPerMinute } }: Engine) {
  const pages = [...state.pages.values()].map((page) => ({
    id: page.id,
    name: page.name,
    components: state.components(page.id),
    incidents: state.incidents(page.id).map((one) => ({ ...one, impact: impactOf(one, state) })),
  }))
  return { requestsPerMinute, pages }
}
