import type { ReportActivities } from './contract.ts'
import type { ReportActivityDeps } from './deps.ts'
import { reportStatus } from './report-status.ts'

export { checkPage } from './check-page.ts'
export type { ReportActivityDeps, StatuspagePart } from './deps.ts'

/** The activity of `reportWorkflow`, with its dependencies passed in. Queue `muster`. */
export const createReportActivities = (deps: ReportActivityDeps): ReportActivities => ({
  reportStatus: (input) => reportStatus(deps, input),
})
