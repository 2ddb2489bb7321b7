import { randomUUID } from 'node:crypto'
import type { Client } from '@temporalio/client'
import { sendUpdate } from '../../api/temporal/updates.ts'
import { fleetWorkflowId } from '../../domain/ids.ts'

/**
 * Sends an update to a fleet, and waits for its answer no longer than a person does.
 * @throws MusterError as `sendUpdate`
 */
export async function sendFleet(client: Client, fleet: string, name: string, payload: object): Promise<void> {
  const request = { workflowId: fleetWorkflowId(fleet), target: `fleet ${fleet}`, name, payload }
  await sendUpdate(client, { ...request, updateId: randomUUID() }, () => undefined)
}
