export { actionWorkflow } from './action/workflow.ts'
export { fleetWorkflow } from './fleet/workflow.ts'
export { hostWorkflow } from './host/workflow.ts'
export { sweepWorkflow } from './sweep/workflow.ts'
