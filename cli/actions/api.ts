import type { ProcessOptions } from '../commands/processes.ts'
import { loadConfig } from '../load-config.ts'
import { createLog } from '../log.ts'
import { printJson } from '../output.ts'
import { reportDroppedKeys } from '../stack/dropped-keys.ts'
import { createCleanup } from '../stack/cleanup.ts'
import { enrollmentKeys, openStorePart, startApiPart } from '../stack/parts.ts'
import { plainTextDoubt } from '../stack/plain-text-doubt.ts'
import { startTemporal } from '../stack/temporal.ts'
import { temporalAddress, temporalOf } from '../stack/temporal-of.ts'
import { listenForStop, orStopped } from '../stop.ts'

/** Serves until it is asked to stop: requests in progress are answered first. */
export async function serve(options: ProcessOptions): Promise<void> {
  const stop = listenForStop()
  const log = createLog()
  const { config } = await loadConfig(options.config)
  const keys = enrollmentKeys(config)
  const cleanup = createCleanup((name, error) =>
    log.error({ err: error, part: name }, 'a part did not end in order'),
  )
  try {
    const start = async () => {
      const notice = (text: string) => log.warn({}, text)
      const doubt = plainTextDoubt(config, temporalAddress(config))
      if (doubt !== undefined) notice(doubt)
      const temporal = await startTemporal(temporalOf(config), cleanup)
      const store = await openStorePart(config, options.store, cleanup)
      await reportDroppedKeys(store, Object.keys(keys.all), (key, text) => log.error(key, text))
      return await startApiPart({ config, temporal, store, keys, log, notice }, cleanup)
    }
    const api = await orStopped(stop, start())
    if (api === undefined) return
    if (options.json) printJson({ ok: true, url: api.url })
    await stop.told
  } finally {
    await cleanup.run()
  }
}
