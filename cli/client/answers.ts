import type { z } from 'zod'
import type * as schemas from '../../api/operator/schemas.ts'

/** What the API answers: the types of its own schemas, so that a change there is an error here. */
export type HostView = z.output<typeof schemas.hostView>
export type HostPage = z.output<typeof schemas.hostsAnswer>
export type HostAnswer = z.output<typeof schemas.hostAnswer>
export type Journal = z.output<typeof schemas.journalAnswer>
export type JournalEvent = Journal['events'][number]
export type EvidenceList = z.output<typeof schemas.evidenceAnswer>
export type EvidenceEntry = EvidenceList['evidence'][number]
export type FleetView = z.output<typeof schemas.fleetView>
export type FleetList = z.output<typeof schemas.fleetsAnswer>
export type FleetDetail = z.output<typeof schemas.fleetDetail>
export type FleetAnswer = z.output<typeof schemas.fleetAnswer>
