export { fleetWorkflow } from './fleet/workflow.ts'
export { hostWorkflow } from './host/workflow.ts'
