import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import type { AppEnv } from '../deps.ts'
import type { OperatorContext } from '../operator/context.ts'
import { readSchedules } from '../operator/read-schedules.ts'
import { onSchedule } from '../operator/schedule-actions.ts'
import { readWish } from './changes.ts'
import { sendPage } from './layout.ts'
import { schedulesPage } from './schedules-page.ts'

export const SCHEDULE_FORMS = ['pause', 'resume', 'trigger'] as const

/** `/schedules` */
export async function showSchedules({ deps }: OperatorContext, c: Context<AppEnv>): Promise<Response> {
  const { controller, temporalUiUrl, clock } = deps
  const actor = c.get('actor')
  const secrets = () => ({ form: actor.formToken ?? '', key: randomUUID() })
  const content = schedulesPage({
    schedules: await readSchedules(deps),
    done: c.req.query('done'),
    now: clock(),
    ...(actor.role === 'operator' && { secrets }),
  })
  const page = { title: 'Schedules', content, actor, controller }
  return await sendPage(c, temporalUiUrl === undefined ? page : { ...page, temporalUiUrl })
}

/** `POST /schedules/{name}/{pause|resume|trigger}` from the forms of that page. */
export async function askSchedule(
  { deps }: OperatorContext,
  c: Context<AppEnv>,
  name: string,
  kind: (typeof SCHEDULE_FORMS)[number],
): Promise<Response> {
  const { why, asker } = await readWish(deps.publicUrl, c)
  await onSchedule(deps, name, { kind, why }, asker)
  return c.redirect(`/schedules?done=schedule-${kind}`, 303)
}
