import { fileURLToPath } from 'node:url'
import { CompleteAsyncError } from '@temporalio/activity'
import { Client, Connection } from '@temporalio/client'
import type { WorkflowHandle } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { generationOf, hostWorkflowId } from '../../domain/ids.ts'
import type { AttemptKey, HostId } from '../../domain/ids.ts'
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts'
import { findTemporalCli } from '../../scripts/setup/temporal.mjs'
import { startTemporalDevServer } from '../../scripts/temporal/dev-server.ts'
import { receivedQuery, standIn, tellSignal } from './stand-in.ts'
import type { StandInState, Tell } from './stand-in.ts'

const TASK_QUEUE = 'stand-ins'

export interface TemporalStage {
  client: Client
  stop(): Promise<void>
  startHost(host: HostId, attempt: number): Promise<StandInHost>
  startFleet(name: string): Promise<WorkflowHandle<typeof standIn>>
}

export interface StandInHost {
  key: AttemptKey
  handle: WorkflowHandle<typeof standIn>
  tell(order: Tell): Promise<void>
  received(): Promise<StandInState['signals']>
}

// Only what is wrong.
Runtime.install({ logger: new DefaultLogger('WARN') })

/** A real dev server and a real worker that runs stand-ins. */
export async function startTemporalStage(): Promise<TemporalStage> {
  const server = await startTemporalDevServer({
    cli: await findTemporalCli(),
    searchAttributes: SEARCH_ATTRIBUTES,
    headless: true,
  })
  const native = await NativeConnection.connect({ address: server.address })
  const worker = await Worker.create({
    connection: native,
    taskQueue: TASK_QUEUE,
    workflowsPath: fileURLToPath(new URL('./stand-in.ts', import.meta.url)),
    activities: {
      async watchAgent() {
        throw new CompleteAsyncError()
      },
    },
  })
  const running = worker.run()
  const connection = await Connection.connect({ address: server.address })
  const client = new Client({ connection })

  return {
    client,
    async stop() {
      worker.shutdown()
      await running
      await native.close()
      await connection.close()
      await server.stop()
    },
    startHost: (host, attempt) => startHost(client, host, attempt),
    startFleet: (name) =>
      client.workflow.start(standIn, { workflowId: `fleet/${name}`, taskQueue: TASK_QUEUE }),
  }
}

async function startHost(client: Client, host: HostId, attempt: number): Promise<StandInHost> {
  const handle = await client.workflow.start(standIn, {
    workflowId: hostWorkflowId(host),
    taskQueue: TASK_QUEUE,
  })
  const key = { host, generation: generationOf(handle.firstExecutionRunId), attempt }
  const current = client.workflow.getHandle<typeof standIn>(hostWorkflowId(host))
  return {
    key,
    handle: current,
    tell: (order) => current.signal(tellSignal, order),
    received: () => current.query(receivedQuery),
  }
}
