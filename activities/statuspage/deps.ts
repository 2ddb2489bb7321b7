import type { StatuspageSettings } from '../../domain/config/types.ts'
import type { Store } from '../../store/contract.ts'
import type { Log } from '../deps.ts'
import type { StatuspageAccess } from './http-call.ts'

/** The page of the config, and the key that its variable holds. */
export interface StatuspagePart
  extends Pick<StatuspageSettings, 'components' | 'incidents' | 'notify' | 'apiKeyEnv'>, StatuspageAccess {
  /** How long an incident may take to appear whose answer was lost; default 60 s. */
  unclearMs?: number
  /** Before a page that was away is asked again, twice as long with every try; default 1 s. */
  retryMs?: number
}

/** What reports need of the world. */
export interface ReportActivityDeps {
  /** Absent: this worker's config has no section statuspage. */
  statuspage?: StatuspagePart
  store: Pick<Store, 'holds' | 'fleets' | 'specs' | 'incidents'>
  /** Wall clock, ms since 1970. */
  clock: () => number
  log: Log
}
