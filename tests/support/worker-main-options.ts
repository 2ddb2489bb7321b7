import { z } from 'zod'

const schema = z.strictObject({
  /** host:port */
  temporal: z.string(),
  /** SQLite file. */
  store: z.string(),
  /** host:port */
  cloud: z.string(),
  region: z.string(),
  key: z.strictObject({ id: z.string(), secret: z.string() }),
  cloudGridMs: z.number(),
  /** Task queues to poll; absent: all of them. */
  queues: z.array(z.string()).optional(),
})

export type WorkerMainOptions = z.infer<typeof schema>

export const parseWorkerMainOptions = (json: string): WorkerMainOptions => schema.parse(JSON.parse(json))
