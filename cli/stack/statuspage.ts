import type { StatuspagePart } from '../../activities/statuspage/index.ts'
import type { MusterConfig } from '../../domain/config/index.ts'
import { STATUSPAGE_ENDPOINT } from '../../domain/config/statuspage-schema.ts'
import { MusterError } from '../../domain/errors.ts'
import type { Emulator } from '../../emulator/index.ts'
import { DEFAULT_STATUSPAGE_KEY } from '../../emulator/statuspage/index.ts'

/**
 * The page of the config with its key; undefined where the config has none.
 * @param emulated host:port of the emulated cloud, where a stack has started it
 * @throws MusterError `bad_config` naming the variable that is not set
 */
export function statuspagePart(config: MusterConfig, emulated?: string): StatuspagePart | undefined {
  const { statuspage } = config
  if (statuspage === undefined) return undefined
  const { pageId, apiKeyEnv, components, incidents, notify } = statuspage
  const emulator = emulatedEndpoint(config, emulated)
  const key = process.env[apiKeyEnv] || (emulator && DEFAULT_STATUSPAGE_KEY)
  if (!key) {
    throw new MusterError(
      'bad_config',
      `statuspage.apiKeyEnv names ${apiKeyEnv}, but that variable is not set`,
    )
  }
  const endpoint = statuspage.endpoint ?? emulator ?? STATUSPAGE_ENDPOINT
  return { endpoint, pageId, key, apiKeyEnv, components, incidents, notify }
}

/** Of the emulator that stands in for Statuspage when the cloud is emulated; undefined where the real one is asked. */
export function emulatedEndpoint(
  { cloud, statuspage }: MusterConfig,
  emulated = cloud.endpoint,
): string | undefined {
  if (cloud.kind !== 'emulator' || statuspage?.endpoint !== undefined || emulated === undefined)
    return undefined
  return `${cloud.protocol ?? 'http'}://${emulated}/v1`
}

/** The keys that the emulator of a stack takes: that of the config, if it is set, and the one that everybody knows. */
export function emulatedKeys({ statuspage }: MusterConfig): string[] {
  const own = statuspage && process.env[statuspage.apiKeyEnv]
  return [...(own ? [own] : []), DEFAULT_STATUSPAGE_KEY]
}

/** The page and components that the config names, on the emulator of a stack. */
export function plantPage(emulator: Emulator, { statuspage, controller }: MusterConfig): void {
  if (statuspage === undefined) return
  const { state } = emulator.statuspage
  const names = new Map<string, string[]>()
  for (const [fleet, id] of Object.entries(statuspage.components)) {
    names.set(id, [...(names.get(id) ?? []), fleet])
  }
  const { pageId } = statuspage
  const components = [...names].map(([id, fleets]) => ({ id, name: `Fleet ${fleets.join(', ')}` }))
  const isThere = components.every(({ id }) => state.component(pageId, id) !== undefined)
  if (isThere && state.pages.has(pageId)) return
  emulator.seed({ statuspage: { pages: [{ id: pageId, name: `Status of ${controller}`, components }] } })
}
