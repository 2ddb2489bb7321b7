import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow'
import type { FleetActivities, SlotResult } from '../../activities/contract.ts'
import { sizeWords, specForStart, specWords } from '../../domain/fleet/state.ts'
import type { FleetActions, FleetInput, FleetState } from '../../domain/fleet/types.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'

export const activities = (
  summary: string,
  cancellationType: ActivityCancellationType = ActivityCancellationType.TRY_CANCEL,
): FleetActivities =>
  proxyActivities<FleetActivities>({
    taskQueue: MUSTER_QUEUE,
    startToCloseTimeout: '60 seconds',
    // A wish waits for a look whose worker has died: as short as one slot's deadline and a slow store allow.
    heartbeatTimeout: '10 seconds',
    cancellationType,
    retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
    summary,
  })

/** Of an activity, characters: the server takes 400 bytes. */
const MAX_SUMMARY = 120

/** Carries out what was decided. @returns the slots for which it could not be done */
export async function act(
  input: FleetInput,
  state: FleetState,
  actions: FleetActions,
): Promise<FleetActions> {
  const { name: fleet } = input
  const start = await startHosts(input, state, actions.start)
  const retire = await retireHosts(fleet, actions.retire, sizeWords(state))
  const reclaimed = await retireHosts(fleet, actions.reclaimed, 'the cloud takes its instance')
  const replace = await replaceHosts(input, state, actions)
  const applySpec = await applySpecToHosts(input, state, actions.applySpec)
  return {
    start,
    surge: [],
    retire,
    reclaimed,
    replace: actions.replace.filter(({ slot }) => replace.includes(slot)),
    applySpec,
    extra: state.extra,
  }
}

/** How launches to come reach the API. */
const apiOf = (input: FleetInput, state: FleetState) => state.api ?? input.api

async function startHosts(input: FleetInput, state: FleetState, slots: number[]): Promise<number[]> {
  if (slots.length === 0) return []
  const { name: fleet, controller, namespaceId, dashboardUrl } = input
  const hostInput = {
    controller,
    namespaceId,
    ...specForStart(state),
    api: apiOf(input, state),
    why: sizeWords(state),
    ...(dashboardUrl && { dashboardUrl }),
  }
  return failedSlots(await activities(`start ${hosts(slots)}`).startHosts({ fleet, slots, input: hostInput }))
}

async function retireHosts(fleet: string, slots: number[], why: string): Promise<number[]> {
  if (slots.length === 0) return []
  const asked = { by: `fleet ${fleet}`, why }
  return failedSlots(
    await activities(`retire ${hosts(slots)}: ${why}`.slice(0, MAX_SUMMARY)).retireHosts({
      fleet,
      slots,
      ...asked,
    }),
  )
}

async function replaceHosts(
  input: FleetInput,
  state: FleetState,
  { replace }: FleetActions,
): Promise<number[]> {
  if (replace.length === 0) return []
  const { name: fleet } = input
  const { specHash, spec, rollout } = state
  const slots = replace.map(({ slot }) => slot)
  const asked =
    rollout?.state === 'rolling'
      ? { by: rollout.by, why: `rollout: ${rollout.why}` }
      : { by: `fleet ${fleet}`, why: 'it has reached the maximum lifetime' }
  const order = { fleet, slots, specHash, spec, ...withApi(state), ...asked }
  return failedSlots(await activities(`replace ${hosts(slots)}`).replaceHosts(order))
}

async function applySpecToHosts(input: FleetInput, state: FleetState, slots: number[]): Promise<number[]> {
  if (slots.length === 0) return []
  const { name: fleet } = input
  const order = {
    fleet,
    slots,
    ...specForStart(state),
    ...withApi(state),
    ...specWords(fleet, state),
  }
  return failedSlots(await activities(`new spec for ${hosts(slots)}`).applySpecToHosts(order))
}

const withApi = ({ api }: FleetState) => (api ? { api } : {})

const failedSlots = ({ failed }: SlotResult): number[] => failed.map(({ slot }) => slot)

const hosts = (slots: number[]): string => `${slots.length} ${slots.length === 1 ? 'host' : 'hosts'}`
