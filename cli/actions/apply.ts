import { userInfo } from 'node:os'
import { toFleetSpecs } from '../../domain/config/index.ts'
import type { MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import type { ApplyCommandOptions } from '../commands/apply.ts'
import { loadConfig } from '../load-config.ts'
import { printJson } from '../output.ts'
import { createEnding } from '../stack/ending.ts'
import { applyFleets, installationOf, type FleetChange } from '../stack/fleets.ts'
import { installationPlace, type InstallationPlace } from '../stack/installation-place.ts'
import { enrollmentKeys, openStorePart } from '../stack/parts.ts'
import { startTemporal } from '../stack/temporal.ts'

/** Brings running fleets to what the config says, and says what that was. */
export async function apply(options: ApplyCommandOptions): Promise<void> {
  const { config } = await loadConfig(options.config)
  const place = installationPlace(config, options.store)
  const ending = createEnding((name, error) => console.error(`muster: ${name} did not end: ${String(error)}`))
  try {
    const temporal = await startTemporal({ ...place.temporal, log: () => {} }, ending)
    const store = await openStorePart(config, place.storeFile, ending)
    const keys = enrollmentKeys(config, place.secrets)
    const installation = installationOf(config, temporal, apiUrlOf(config, place), keys.current)
    const { dryRun = false, size = false, why } = options
    const asker = { by: userInfo().username, why }
    const reach = { client: temporal.client, store }
    const fleets = await applyFleets(reach, installation, toFleetSpecs(config), asker, { dryRun, size })
    const known = new Set(fleets.map(({ fleet }) => fleet))
    const others = (await store.fleets.list()).map(({ name }) => name).filter((name) => !known.has(name))
    if (options.json) printJson({ ok: true, dryRun, fleets, notInConfig: others })
    else tell(fleets, others, dryRun)
  } finally {
    await ending.run()
  }
}

/** As agents on new hosts will reach the API. */
function apiUrlOf({ api }: MusterConfig, { apiUrl }: InstallationPlace): string {
  const url = api.publicUrl ?? apiUrl ?? (api.listen && `http://${api.listen}`)
  if (url !== undefined) return url
  throw new MusterError('bad_config', 'say in api.publicUrl how the agents on hosts reach the API')
}

function tell(fleets: FleetChange[], others: string[], dryRun: boolean): void {
  if (fleets.length === 0) console.log('the config names no fleets')
  for (const change of fleets) {
    console.log(headline(change, dryRun))
    for (const { field, from, to } of change.changes) console.log(`  ${field}: ${text(from)} → ${text(to)}`)
    if (change.configSize !== undefined) {
      console.log(`  its size stays ${change.size}; the config says ${change.configSize}: --size sets it`)
    }
  }
  for (const name of others) console.log(`${name}: not in the config, goes on as it is`)
  if (dryRun) console.log('nothing was changed: this was a dry run')
}

function headline({ fleet, outcome, size }: FleetChange, dryRun: boolean): string {
  const would = dryRun ? 'would be ' : ''
  switch (outcome) {
    case 'started':
      return `${fleet}: ${would}started with ${size} hosts`
    case 'changed':
      return `${fleet}: ${would}changed; ${size} hosts wanted; a new spec takes effect with each host’s next launch`
    case 'unchanged':
      return `${fleet}: as it should be; ${size} hosts wanted`
    default:
      return outcome satisfies never
  }
}

const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))
