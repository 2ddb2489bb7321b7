import type { MetadataService } from './metadata.ts'
import type { Session } from './session.ts'

/**
 * 404 while the instance is safe, else when it is taken, about five minutes ahead.
 * {@link https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata}
 */
export const TERMINATION_ITEM = 'meta-data/instance/spot/termination-time'

/** The cloud asks for no less; of a notice of five minutes nearly all is left. */
const LOOK_EVERY_MS = 10_000

/** Looks whether the cloud takes this instance; the next beat, which then comes at once, tells the API. Ends with the session. */
export async function watchReclaim(session: Session, metadata: MetadataService): Promise<void> {
  const { runtime } = session
  while (session.endReason === undefined) {
    const at = await terminationTime(session, metadata)
    if (at !== undefined) {
      runtime.log('warn', 'the cloud takes this instance', { at })
      session.reclaimAt = at
      session.wake?.()
      return
    }
    await runtime.sleep(LOOK_EVERY_MS)
  }
}

/** Undefined while the instance is safe, and when the service does not answer: it is asked again. */
async function terminationTime(session: Session, metadata: MetadataService): Promise<string | undefined> {
  try {
    const text = (await metadata.get(TERMINATION_ITEM))?.trim()
    const at = text === undefined ? Number.NaN : Date.parse(text)
    return Number.isNaN(at) ? undefined : new Date(at).toISOString()
  } catch (error) {
    session.runtime.log('warn', 'the metadata service did not say whether the cloud takes this instance', {
      reason: error instanceof Error ? error.message : String(error),
    })
    return undefined
  }
}
