import { reportWorkflowId, sweepWorkflowId } from '../../domain/ids.ts'
import { WORKFLOWS } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import { actionWorkflowId } from '../../domain/schedules/ids.ts'
import type { ActionInput } from '../../domain/schedules/types.ts'
import { CONTROLLER } from '../support/names.ts'
import type { World } from '../support/world.ts'
import { launchTagged, sweep } from '../sweep/stage.ts'
import { writeFleet } from '../support/write-fleet.ts'
import { asked, QUICK, type Scenario } from './steps.ts'

/** What schedules start. */
export const SCHEDULED_TURNS: Record<string, Scenario> = {
  sweep: async (world) => {
    await launchTagged(world, { host: 'stray/00001', generation: 'a1b2c3d4e5', attempt: 1 })
    await sweep(world)
    return sweepWorkflowId(CONTROLLER)
  },
  action: async (world) => {
    const fleet = await world.startFleet('acted', 0, QUICK)
    const workflowId = await fires(world, 'evening', 'acted')
    await fleet.terminate('recorded')
    return workflowId
  },
  'action-refused': async (world) => await fires(world, 'never', 'nowhere'),
  'report-opens': async (world) => {
    await withPage(world, async () => {
      await writeFleet(world.store, 'watched', true)
      await reports(world)
    })
    return reportWorkflowId(CONTROLLER)
  },
  'report-resolves': async (world) => {
    await withPage(world, async () => {
      for (const isFrozen of [true, false]) {
        await writeFleet(world.store, 'watched', isFrozen)
        await reports(world)
      }
    })
    return reportWorkflowId(CONTROLLER)
  },
  'report-idle': async (world) => {
    await withPage(world, () => reports(world))
    return reportWorkflowId(CONTROLLER)
  },
  // The worker's config has no page.
  'report-refused': async (world) => {
    await reports(world)
    return reportWorkflowId(CONTROLLER)
  },
}

const PAGE = { id: 'page', component: 'watched' }

/** One firing of a schedule that scales a fleet to nothing, refused or not. */
async function fires(world: World, schedule: string, fleet: string): Promise<string> {
  const input: ActionInput = {
    schedule,
    expression: '0 0 20 * * *',
    timezone: 'Asia/Shanghai',
    dialect: 'robfig-v1',
    anchor: '2026-11-23T12:00:00Z',
    do: { scale: { fleet, size: 0 } },
    scope: { controller: CONTROLLER, namespaceId: world.temporal.namespaceId, region: 'cn-hangzhou' },
  }
  const workflowId = `${actionWorkflowId(schedule)}-2026-11-23T12:00:00Z`
  await runs(world, WORKFLOWS.action, workflowId, input)
  return workflowId
}

const reports = (world: World) =>
  runs(world, WORKFLOWS.report, reportWorkflowId(CONTROLLER), { controller: CONTROLLER, ...asked })

/** To its end, whatever that is. */
async function runs(world: World, type: string, workflowId: string, input: object): Promise<void> {
  const options = { workflowId, taskQueue: MUSTER_QUEUE, args: [input] }
  await (await world.client.workflow.start(type, options)).result().catch(() => undefined)
}

/** With workers that know an empty page of status, as long as that goes on. */
async function withPage(world: World, go: () => Promise<void>): Promise<void> {
  const { statuspage } = world.emulator
  const components = [{ id: PAGE.component, name: 'watched' }]
  world.emulator.seed({ statuspage: { pages: [{ id: PAGE.id, components }] } })
  await world.startWorkers({
    statuspage: {
      endpoint: statuspage.endpoint,
      pageId: PAGE.id,
      key: statuspage.key,
      apiKeyEnv: 'STATUSPAGE_KEY',
      components: { watched: PAGE.component },
      incidents: { holds: true, freezes: true },
      notify: false,
      spacingMs: 0,
    },
  })
  try {
    await go()
  } finally {
    await writeFleet(world.store, 'watched', false)
    await world.startWorkers()
  }
}
