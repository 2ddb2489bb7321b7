import { checkPage, type StatuspagePart } from '../../activities/statuspage/index.ts'
import type { MusterConfig } from '../../domain/config/index.ts'
import { emulatedEndpoint, statuspagePart } from '../stack/statuspage.ts'
import type { CheckItem } from './check-item.ts'

/** Whether the status page of the config takes the key, and has the components. Nothing is changed there. */
export async function checkStatuspage(config: MusterConfig, offline: boolean): Promise<CheckItem[]> {
  const { statuspage, cloud } = config
  if (statuspage === undefined) return []
  const what = `status page ${statuspage.pageId}`
  if (cloud.kind === 'emulator' && !statuspage.endpoint && !cloud.endpoint) {
    return [{ what, result: 'skipped', detail: 'the emulator is started by `muster dev`' }]
  }
  if (offline) return [{ what, result: 'skipped', detail: 'not asked' }]
  // That it is not set is reported for the variable itself.
  if (!process.env[statuspage.apiKeyEnv] && emulatedEndpoint(config) === undefined) return []
  const part = statuspagePart(config)
  return part ? await askPage(part) : []
}

export async function askPage(part: StatuspagePart): Promise<CheckItem[]> {
  const what = `status page ${part.pageId}`
  return (await checkPage(part)).map(({ result, detail, field }) => ({
    what,
    result: RESULTS[result],
    detail,
    ...(field !== undefined && { field }),
  }))
}

/** A page that is away now is there again later, and nothing is lost until then. */
const RESULTS = { ok: 'ok', refused: 'failed', away: 'warned' } as const
