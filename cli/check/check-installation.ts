import { toScheduleSpecs, type MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import { findConflicts } from '../../domain/schedules/conflicts.ts'
import { createCleanup } from '../stack/cleanup.ts'
import { MIN_SECRET_LENGTH } from '../stack/parts.ts'
import { plainTextDoubt } from '../stack/plain-text-doubt.ts'
import { endpointOf } from '../stack/temporal-access.ts'
import { accessAt, temporalAddress } from '../stack/temporal-of.ts'
import { startTemporal } from '../stack/temporal.ts'
import { checkCloud } from './check-cloud.ts'
import type { CheckItem } from './check-item.ts'
import { checkStatuspage } from './check-statuspage.ts'

/** Everything that can be known of an installation before anything of it is started. Nothing is changed anywhere. */
export async function checkInstallation(
  config: MusterConfig,
  { file, offline }: { file: string; offline: boolean },
): Promise<CheckItem[]> {
  return [
    fields(config, file),
    ...schedules(config),
    ...readableTokens(config),
    ...plainText(config),
    ...variables(config),
    ...(await temporal(config, offline)),
    ...(await checkStatuspage(config, offline)),
    ...(await checkCloud(config, offline)),
  ]
}

function fields({ fleets }: MusterConfig, file: string): CheckItem {
  const sizes = Object.values(fleets).map(({ size }) => size)
  const hosts = sizes.reduce((sum, size) => sum + size, 0)
  return { what: 'config', result: 'ok', detail: `${file}: ${sizes.length} fleets, ${hosts} hosts` }
}

/** Schedules that undo each other; wrong ones are errors of the config already. */
function schedules(config: MusterConfig): CheckItem[] {
  const specs = toScheduleSpecs(config)
  if (specs.length === 0) return []
  const conflicts = findConflicts(specs, Date.now())
  if (conflicts.length === 0) {
    return [{ what: 'schedules', result: 'ok', detail: `${specs.length}, and none undoes another` }]
  }
  return conflicts.map(({ schedules: names, words }) => ({
    what: `schedules ${names.join(' and ')}`,
    result: 'warned',
    detail: words,
  }))
}

/** Tokens of agents and operators travel with every request. */
function readableTokens({ cloud, api }: MusterConfig): CheckItem[] {
  if (cloud.kind !== 'alibaba' || !api.publicUrl?.startsWith('http:')) return []
  const detail = `${api.publicUrl} is not encrypted, and tokens can be read on the way: right only within a private network that you trust; else end TLS before the API and say https`
  return [{ what: 'api.publicUrl', result: 'warned', detail }]
}

function plainText(config: MusterConfig): CheckItem[] {
  const detail = plainTextDoubt(config, temporalAddress(config))
  return detail === undefined ? [] : [{ what: 'temporal.tls', result: 'warned', detail }]
}

/** The environment variables that the config names. */
function variables(config: MusterConfig): CheckItem[] {
  const { api, store, statuspage, temporal: server } = config
  // With an emulated page its own key stands in for one that is not set.
  const isNeeded = config.cloud.kind === 'alibaba' || statuspage?.endpoint !== undefined
  const named = [
    ...api.keys.map(({ id, secretEnv }) => ({
      variable: secretEnv,
      use: `secret of enrollment key ${id}`,
      minLength: MIN_SECRET_LENGTH,
    })),
    ...(store.postgresUrlEnv
      ? [{ variable: store.postgresUrlEnv, use: 'URL of the store', minLength: 1 }]
      : []),
    ...(server.apiKeyEnv ? [{ variable: server.apiKeyEnv, use: 'API key of Temporal', minLength: 1 }] : []),
    ...(statuspage && isNeeded
      ? [{ variable: statuspage.apiKeyEnv, use: 'API key of Statuspage', minLength: 1 }]
      : []),
  ]
  return named.map(({ variable, use, minLength }) => {
    const wrong = wrongWith(process.env[variable] ?? '', minLength)
    return {
      what: `variable ${variable}`,
      result: wrong === undefined ? 'ok' : 'failed',
      detail: wrong === undefined ? use : `${wrong}: ${use}`,
    }
  })
}

function wrongWith(value: string, minLength: number): string | undefined {
  if (value === '') return 'is not set'
  if (value.length >= minLength) return undefined
  return `is shorter than ${minLength} characters, make one with \`openssl rand -base64 32\``
}

async function temporal(config: MusterConfig, offline: boolean): Promise<CheckItem[]> {
  const { namespace } = config.temporal
  const address = temporalAddress(config)
  if (address === undefined) return []
  const what = `Temporal at ${address}`
  const access = accessAt(address, config)
  const cleanup = createCleanup(() => {})
  try {
    await endpointOf(access)
    if (offline) return [{ what, result: 'skipped', detail: 'not asked' }]
    await startTemporal({ ...access, namespace, log: () => {} }, cleanup)
    return [{ what, result: 'ok', detail: `namespace ${namespace} is set up` }]
  } catch (error) {
    if (!(error instanceof MusterError)) throw error
    return [{ what, result: 'failed', detail: error.message }]
  } finally {
    await cleanup.run()
  }
}
