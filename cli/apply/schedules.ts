import { ScheduleAlreadyRunning, ScheduleNotFoundError, type Client } from '@temporalio/client'
import { defineSearchAttributeKey } from '@temporalio/common'
import {
  COMPILED_MEMO,
  describeSchedule,
  scheduleNames,
  serverOverlap,
  type ServerSchedule,
} from '../../api/temporal/schedules.ts'
import { orUnavailable } from '../../api/temporal/or-unavailable.ts'
import { MusterError } from '../../domain/errors.ts'
import { mapConcurrently } from '../../domain/map-concurrently.ts'
import { WORKFLOWS, type Attribution } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import { actionWords, fleetOfAction } from '../../domain/schedules/actions.ts'
import { compileSchedule } from '../../domain/schedules/compile.ts'
import { actionWorkflowId, scheduleId } from '../../domain/schedules/ids.ts'
import {
  planSchedules,
  type PlannedSchedule,
  type SchedulePlan,
  type ScheduleUpdate,
} from '../../domain/schedules/plan.ts'
import type { ActionScope, ScheduleSpec } from '../../domain/schedules/types.ts'
import type { Store } from '../../store/contract.ts'

const FLEET = defineSearchAttributeKey('MusterFleet', 'KEYWORD')

/** An action gives up after ten minutes of trying; with no worker at all it ends this long after it was due. */
const TRYING_MS = 15 * 60_000

/** Each has its own deadline: all of them in the same moment would wait for each other. */
const DESCRIBES_AT_ONCE = 10

/** What differs between the config and the server. Nothing is changed. */
export async function planOf(
  client: Client,
  wanted: readonly ScheduleSpec[],
  scope: ActionScope,
): Promise<SchedulePlan> {
  const { controller } = scope
  // By name, too: a schedule that was just made is not in the list yet.
  const names = new Set([...(await scheduleNames(client, controller)), ...wanted.map(({ name }) => name)])
  const described = await mapConcurrently([...names], DESCRIBES_AT_ONCE, (name) =>
    describeSchedule(client, controller, name),
  )
  const existing = described.filter((one): one is ServerSchedule => one !== undefined)
  return planSchedules(wanted, existing, scope, Date.now())
}

interface Reach {
  client: Client
  store: Pick<Store, 'audit'>
  scope: ActionScope
  asker: Attribution
}

/** Makes and changes schedules, and deletes those that were dropped; each leaves a row in the audit first. */
export async function carryOut(reach: Reach, plan: SchedulePlan): Promise<void> {
  const { client, scope } = reach
  for (const planned of plan.create) {
    await audit(reach, planned.name, `create ${planned.input.expression}`)
    await orUnavailable(client, `make schedule ${planned.name}`, () =>
      create(client, scope.controller, planned),
    )
  }
  for (const planned of plan.update) {
    await audit(reach, planned.name, `change ${planned.changes.map(({ field }) => field).join(', ')}`)
    await orUnavailable(client, `change schedule ${planned.name}`, () => update(reach, planned))
  }
  for (const name of plan.delete) {
    await audit(reach, name, 'delete')
    await orUnavailable(client, `delete schedule ${name}`, () => remove(client, scope.controller, name))
  }
}

async function remove(client: Client, controller: string, name: string): Promise<void> {
  try {
    await client.schedule.getHandle(scheduleId(controller, name)).delete()
  } catch (error) {
    // Somebody else did it meanwhile.
    if (!(error instanceof ScheduleNotFoundError)) throw error
  }
}

async function audit({ store, asker }: Reach, name: string, what: string): Promise<void> {
  await store.audit.add({
    at: Date.now(),
    who: asker.by,
    what,
    target: `schedule ${name}`,
    why: asker.why,
  })
}

async function update({ client, scope, asker }: Reach, { pause, ...planned }: ScheduleUpdate): Promise<void> {
  const { spec, action, policies } = partsOf(planned)
  const handle = client.schedule.getHandle(scheduleId(scope.controller, planned.name))
  await handle.update(({ state }) => ({
    spec,
    action,
    policies,
    state:
      pause === undefined
        ? state
        : {
            ...state,
            paused: pause,
            note: `${pause ? 'paused' : 'resumed'} by the config, applied by ${asker.by}`,
          },
  }))
}

async function create(client: Client, controller: string, planned: PlannedSchedule): Promise<void> {
  const { name, schedule } = planned
  try {
    await client.schedule.create({
      scheduleId: scheduleId(controller, name),
      ...partsOf(planned),
      memo: { controller },
      state:
        schedule.paused === true
          ? { paused: true, note: 'paused from the beginning, by the config' }
          : { paused: false },
    })
  } catch (cause) {
    if (!(cause instanceof ScheduleAlreadyRunning)) throw cause
    throw new MusterError('conflict', `somebody else made schedule ${name} in this moment: apply again`, {
      cause,
    })
  }
}

function partsOf({ name, schedule, input }: PlannedSchedule) {
  const { spec, words, digest } = compileSchedule(input)
  const { overlap, catchUpMs, jitterMs, note } = schedule
  const fleet = fleetOfAction(schedule.do)
  return {
    spec: { ...spec, ...(jitterMs > 0 && { jitter: jitterMs }) },
    action: {
      type: 'startWorkflow' as const,
      workflowType: WORKFLOWS.action,
      workflowId: actionWorkflowId(name),
      taskQueue: MUSTER_QUEUE,
      args: [input],
      // Without a worker for hours, what was wanted then is not done now.
      workflowExecutionTimeout: catchUpMs + TRYING_MS,
      memo: { [COMPILED_MEMO]: digest },
      staticSummary: `${name}: ${actionWords(schedule.do)}`,
      staticDetails: [
        `Schedule **${name}**: ${actionWords(schedule.do)}, ${words}.`,
        '',
        `Written as \`${input.expression}\`, dialect ${input.dialect}.${note === undefined ? '' : ` ${note}`}`,
      ].join('\n'),
      ...(fleet !== undefined && { typedSearchAttributes: [{ key: FLEET, value: fleet }] }),
    },
    policies: { overlap: serverOverlap(overlap), catchupWindow: catchUpMs, pauseOnFailure: false },
  }
}
