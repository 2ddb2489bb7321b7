/** The floor of heartbeats: Temporal's client called directly, in a process that does nothing else. */
import { createCleanup } from '../../cli/stack/cleanup.ts'
import { startTemporal } from '../../cli/stack/temporal.ts'
import { inFlight } from '../support/pool.ts'
import { playRole } from '../support/role.ts'

export interface RawBeats {
  /** Of the activities to keep alive. */
  ids: { workflowId: string; activityId: string }[]
  atOnce: number
}

await playRole<{ address: string }>(async ({ address }) => {
  const cleanup = createCleanup((name, error) => console.error(name, error))
  const { client } = await startTemporal({ address, namespace: 'default', log: () => {} }, cleanup)
  const workload = { state: 'none', restarts: 0 }
  return {
    asks: {
      beat: async ({ ids, atOnce }: RawBeats) => {
        let seq = 0
        await inFlight(ids, atOnce, async (id) => {
          seq += 1
          await client.activity.heartbeat(id, { seq, workload, load: 0.1, at: new Date().toISOString() })
        })
      },
    },
    end: () => cleanup.run(),
  }
})
