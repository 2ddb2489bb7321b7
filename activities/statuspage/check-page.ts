import { alarmOf, missingComponentAlarm } from './alarm.ts'
import { createStatuspageClient } from './client.ts'
import type { StatuspagePart } from './deps.ts'
import { StatuspageError } from './statuspage-error.ts'

export interface PageFinding {
  /** `away`: there was no answer. */
  result: 'ok' | 'refused' | 'away'
  detail: string
  /** The field of the config that is to blame. */
  field?: string
}

/** Asks whether page, key and components are as the config says. Nothing is changed. */
export async function checkPage(part: StatuspagePart): Promise<PageFinding[]> {
  try {
    const client = createStatuspageClient(part)
    const components = new Set((await client.components()).map(({ id }) => id))
    const missing = Object.entries(part.components).filter(([, id]) => !components.has(id))
    if (missing.length > 0) {
      return missing.map(([fleet, id]) => ({
        result: 'refused',
        detail: missingComponentAlarm({ fleet, id }, part),
        field: `statuspage.components.${fleet}`,
      }))
    }
    return [
      {
        result: 'ok',
        detail: `the page is there, with ${components.size} ${components.size === 1 ? 'component' : 'components'}`,
      },
    ]
  } catch (error) {
    if (!(error instanceof StatuspageError)) throw error
    const isAway = error.fault === 'unclear' || error.fault === 'limited'
    if (isAway) return [{ result: 'away', detail: error.message }]
    return [{ result: 'refused', detail: alarmOf(error, part), field: fieldOf(error) }]
  }
}

function fieldOf({ httpStatus, fault }: StatuspageError): string {
  if (httpStatus === 401) return 'statuspage.apiKeyEnv'
  return fault === 'refused' && httpStatus !== 403 ? 'statuspage.endpoint' : 'statuspage.pageId'
}
