import { onGround } from '/work/main/bench/support/ground.ts'
import { startLives } from '/work/main/bench/support/lives.ts'
import { FULL } from '/work/main/bench/row.ts'
import { findTemporalCli } from '/work/main/scripts/setup/temporal.mjs'
const context = { temporalCli: await findTemporalCli(), counts: FULL, say: console.error }
await onGround(context, async (ground) => {
  const lives = await startLives(context, ground)
  for (const kind of ['host','bare'] as const) {
    const { workflowId } = await lives.live(kind, 1)
    const history = await ground.temporal.client.workflow.getHandle(workflowId).fetchHistory()
    console.log(kind, history.events?.length)
    if (kind==='host') for (const e of history.events ?? []) {
      const t = Object.keys(e).find(k => k.endsWith('Attributes') && (e as any)[k])
      const a = (e as any)[t!]
      console.log(String(e.eventId), t, a?.activityType?.name ?? a?.signalName ?? '', t==='timerStartedEventAttributes'? Number(a.startToFireTimeout.seconds):'', t?.startsWith('upsert')? Object.keys(a.searchAttributes.indexedFields).join():'', a?.input?.payloads?.map((p:any)=>p.data.length).join() ?? '')
    }
  }
})
process.exit(0)
