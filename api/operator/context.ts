import type { ApiDeps } from '../deps.ts'
import type { Actions } from './actions.ts'
import type { OperatorAuth } from './auth.ts'

/** What operator routes and pages work with. */
export interface OperatorContext {
  deps: ApiDeps
  auth: OperatorAuth
  actions: Actions
}
