import { lookAgainMs, probeEndsAt } from '../../domain/breaker/rules.ts'
import { choosePlacement } from '../../domain/placement/choose-placement.ts'
import type { PlacementChoice } from '../../domain/placement/choose-placement.ts'
import { RECENT_FAILURES_MS } from '../../domain/placement/weight.ts'
import type { HostRecord } from '../../domain/host/types.ts'
import type { PlanAnswer, PlanLaunchInput } from '../contract.ts'
import type { HostActivityDeps } from '../deps.ts'
import { rulesFor } from './note-boot.ts'

/** Where to launch next, by the notes and holds all hosts share; a probe that this needs is taken with it. */
export async function planLaunch(deps: HostActivityDeps, input: PlanLaunchInput): Promise<PlanAnswer> {
  const { store, clock } = deps
  const { spec, key, launch, record, failedAt, refusedAt } = input
  const now = clock()
  const { fleet } = record
  const seed = [key.host, key.generation, key.attempt, launch].join('/')
  const look = { now, seed, lookAgainMs: lookAgainMs(rulesFor(deps, fleet)) }
  const places = { ...(failedAt && { failedAt }), ...(refusedAt && { refusedAt }) }
  const common = { spec, fleet, key, ...look, ...places }
  const { answer } = await store.holds.planned(
    {
      region: spec.region,
      key,
      imageId: spec.imageId,
      probeUntil: probeEndsAt(now, spec.bootTimeoutMs),
      ...(spec.placementPolicy === 'weighted' && { failuresSince: now - RECENT_FAILURES_MS }),
    },
    (facts) => split(choosePlacement({ ...common, ...facts })),
    now,
  )
  // Its agent will ask for it: a host may launch with a spec that it got long ago and that nothing else refers to.
  if (answer.outcome === 'placed') await store.specs.put(spec, clock())
  await store.hosts.record({ ...record, ...shown(answer, record.at) }, clock())
  return answer
}

/** The workflow need not know what is probed: the store does. */
function split(choice: PlacementChoice): { answer: PlanAnswer; probes: number[] } {
  if (choice.outcome === 'wait') return { answer: choice, probes: [] }
  const { probes, ...answer } = choice
  return { answer, probes }
}

/** What people see from now on: the place that was chosen, or what the host waits for (perhaps for hours). */
function shown(answer: PlanAnswer, at: number): Partial<HostRecord> {
  if (answer.outcome === 'placed') {
    const { zone, instanceType } = answer.placement
    return { zone, instanceType }
  }
  return { phase: 'waiting', reason: answer.reason, waitUntil: at + answer.waitMs }
}
