import type { z } from 'zod'
import type { auditAnswer } from '../../api/operator/audit-schemas.ts'
import type { explanation } from '../../api/operator/fleet-schemas.ts'
import type { holdsAnswer, holdView } from '../../api/operator/hold-schemas.ts'
import type * as schedules from '../../api/operator/schedule-schemas.ts'
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
export type Explanation = z.output<typeof explanation>
export type FleetAnswer = z.output<typeof schemas.fleetAnswer>
export type Hold = z.output<typeof holdView>
export type HoldList = z.output<typeof holdsAnswer>
export type Audit = z.output<typeof auditAnswer>
export type ScheduleView = z.output<typeof schedules.scheduleView>
export type ScheduleList = z.output<typeof schedules.schedulesAnswer>
export type ScheduleAnswer = z.output<typeof schedules.scheduleAnswer>
