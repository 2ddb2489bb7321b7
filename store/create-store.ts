import { sql } from 'kysely'
import { createAddressStore } from './addresses.ts'
import { createAuditStore } from './audit.ts'
import { createCapacityStore } from './capacity.ts'
import { createCommandStore } from './commands.ts'
import type { Store } from './contract.ts'
import type { Database } from './database.ts'
import { createEvidenceStore } from './evidence.ts'
import { createFleetStore } from './fleets.ts'
import { guarded } from './guard.ts'
import { createHoldStore } from './holds.ts'
import { createHostStore } from './hosts.ts'
import { createIncidentStore } from './incidents.ts'
import { createJournalStore } from './journal.ts'
import { prune } from './prune.ts'
import { createPulseStore } from './pulses.ts'
import { createSpecStore } from './specs.ts'
import { createTokenStore } from './tokens.ts'

/** The parts of the store on an open database. */
export function createStore(database: Database): Store {
  const { backend, db } = database
  const part = <T extends object>(name: string, methods: T): T => guarded(backend.label, name, methods)
  return {
    hosts: part('hosts', createHostStore(database)),
    journal: part('journal', createJournalStore(database)),
    fleets: part('fleets', createFleetStore(database)),
    specs: part('specs', createSpecStore(database)),
    addresses: part('addresses', createAddressStore(database)),
    commands: part('commands', createCommandStore(database)),
    capacity: part('capacity', createCapacityStore(database)),
    holds: part('holds', createHoldStore(database)),
    incidents: part('incidents', createIncidentStore(database)),
    evidence: part('evidence', createEvidenceStore(database)),
    pulses: part('pulses', createPulseStore(database)),
    tokens: part('tokens', createTokenStore(database)),
    audit: part('audit', createAuditStore(database)),
    ...part('store', { prune: (before: number) => prune(database, before) }),
    healthy: () =>
      sql`select 1`.execute(db).then(
        () => true,
        () => false,
      ),
    close: () => database.close(),
  }
}
