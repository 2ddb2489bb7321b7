import type { StatuspagePart } from './deps.ts'
import type { StatuspageError } from './statuspage-error.ts'

type Named = Pick<StatuspagePart, 'pageId' | 'apiKeyEnv' | 'endpoint'>

/** A refusal in words that say which setting is wrong and what to do. Nothing is lost: the next report tries again. */
export function alarmOf({ fault, httpStatus, message }: StatuspageError, part: Named): string {
  const { pageId, apiKeyEnv, endpoint } = part
  if (httpStatus === 401) {
    return `Statuspage refuses the API key in ${apiKeyEnv} (statuspage.apiKeyEnv): put a valid one there, from "API info" in Statuspage, and restart the worker. ${message}`
  }
  if (httpStatus === 403) {
    return `the API key in ${apiKeyEnv} may not use page ${pageId} (statuspage.pageId): use a key of that page's organization. ${message}`
  }
  if (fault === 'missing') {
    return `Statuspage has no page ${pageId} for the API key in ${apiKeyEnv}: correct statuspage.pageId, or use a key of that page's organization. ${message}`
  }
  if (fault === 'refused') return `${endpoint} (statuspage.endpoint) is not a Statuspage API. ${message}`
  return `the page does not take what it is told. ${message}`
}

export const missingComponentAlarm = (
  { fleet, id }: { fleet: string; id: string },
  { pageId }: Named,
): string =>
  `page ${pageId} has no component ${id}: correct statuspage.components.${fleet}, the id stands in the address of the component in Statuspage`
