import type { Client } from '@temporalio/client'
import { MusterError } from '../../domain/errors.ts'
import { FLEET_UPDATES, type Attribution, type ResizeRequest } from '../../domain/messages.ts'
import type { FleetRow, Store } from '../../store/contract.ts'
import { sendFleet } from '../stack/send-fleet.ts'

/** A fleet that the config does not name any more, with the hosts that it has. */
export interface DroppedFleet {
  fleet: string
  size: number
}

/** Fleets that are to have hosts, and that none of these names is. */
export const droppedOf = (rows: readonly FleetRow[], named: ReadonlySet<string>): DroppedFleet[] =>
  rows
    .filter(({ name, desired }) => desired > 0 && !named.has(name))
    .map(({ name, desired }) => ({ fleet: name, size: desired }))

export const droppingDoubts = (dropped: readonly DroppedFleet[]): string[] =>
  dropped.map(
    ({ fleet, size }) =>
      `fleet ${fleet} is not in the config: all of its ${size} hosts would be retired (100 %)`,
  )

const ENDED: ReadonlySet<string> = new Set(['gone', 'not_found'])

/** Resizes them to nothing; they stay as fleets of no hosts, with their journal. */
export async function emptyDropped(
  { client, store }: { client: Client; store: Pick<Store, 'audit'> },
  dropped: readonly DroppedFleet[],
  { by, why }: Attribution,
): Promise<void> {
  for (const { fleet } of dropped) {
    await store.audit.add({ at: Date.now(), who: by, what: 'resize size=0', target: `fleet ${fleet}`, why })
    const payload: ResizeRequest = { size: 0, by, why }
    try {
      await sendFleet(client, fleet, FLEET_UPDATES.resize, payload)
    } catch (error) {
      // Its workflow was ended by a person: there is nothing left to ask, and nothing that would start hosts.
      if (!(error instanceof MusterError) || !ENDED.has(error.code)) throw error
    }
  }
}
