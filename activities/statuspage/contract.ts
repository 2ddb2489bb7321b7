import type { ReportInput, ReportOutcome } from '../../domain/status/report.ts'

/** What `reportWorkflow` asks. */
export interface ReportActivities {
  /** Makes incidents and components of the status page agree with what is so. */
  reportStatus(input: ReportInput): Promise<ReportOutcome>
}
