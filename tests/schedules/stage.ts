import { describeSchedule } from '../../api/temporal/schedules.ts'
import { carryOut, planOf } from '../../cli/apply/schedules.ts'
import { scheduleId } from '../../domain/schedules/ids.ts'
import { SCHEDULE_DEFAULTS, type ScheduleSpec } from '../../domain/schedules/types.ts'
import { CONTROLLER, OPERATOR_TOKEN } from '../support/names.ts'
import type { World } from '../support/world.ts'

/** Seldom enough never to fire on its own while a test runs. */
export const scheduleOf = (name: string, changes: Partial<ScheduleSpec> = {}): ScheduleSpec => ({
  name,
  expression: '0 0 3 1 1 *',
  timezone: 'Asia/Shanghai',
  dialect: SCHEDULE_DEFAULTS.dialect,
  do: { scale: { fleet: 'render', size: 1 } },
  overlap: SCHEDULE_DEFAULTS.overlap,
  catchUpMs: SCHEDULE_DEFAULTS.catchUpMs,
  jitterMs: SCHEDULE_DEFAULTS.jitterMs,
  ...changes,
})

/** What tests of schedules do with a world. */
export function scheduleStage(world: () => World) {
  const asker = { by: 'ann', why: 'as the config says' }
  const scope = () => ({
    controller: CONTROLLER,
    namespaceId: world().temporal.namespaceId,
    region: 'cn-hangzhou',
  })
  return {
    asker,
    scope,
    /** As `muster apply` does, with schedules of this test alone: those of others are not dropped. */
    apply: async (prefix: string, wanted: ScheduleSpec[]) => {
      const { client, store } = world()
      const plan = await planOf(client, wanted, scope())
      const own = { ...plan, delete: plan.delete.filter((name) => name.startsWith(prefix)) }
      await carryOut({ client, store, scope: scope(), asker }, own)
      return {
        create: own.create.map(({ name }) => name),
        update: own.update.map(({ name, changes }) => [name, ...changes.map(({ field }) => field)]),
        delete: own.delete,
        unchanged: own.unchanged,
      }
    },
    serverHas: async (name: string) => await describeSchedule(world().client, CONTROLLER, name),
    handleOf: (name: string) => world().client.schedule.getHandle(scheduleId(CONTROLLER, name)),
    /** Asks the operator API. */
    ask: async <T>(path: string, body?: object): Promise<{ status: number; json: T }> => {
      const response = await fetch(`${world().api.url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return { status: response.status, json: (await response.json()) as T }
    },
  }
}
