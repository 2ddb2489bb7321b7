import type { ActionActivities } from '../contract.ts'
import type { ActionDeps } from './deps.ts'
import { performAction } from './perform-action.ts'

/** The activities of `actionWorkflow`, with their dependencies passed in. */
export const createActionActivities = (deps: ActionDeps): ActionActivities => ({
  performAction: (input) => performAction(deps, input),
})
