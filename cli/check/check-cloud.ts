import { credentialSources, findCredentials, publicEndpoint } from '../../activities/index.ts'
import type { EcsConfig } from '../../activities/index.ts'
import { toFleetSpecs, type MusterConfig } from '../../domain/config/index.ts'
import { runningCloud } from '../stack/cloud.ts'
import type { CheckItem } from './check-item.ts'
import { dryRuns, type DryRunOptions } from './dry-run.ts'
import { openPaperCloud } from './paper-cloud.ts'

/** Signs requests that are not sent where there is no key to sign with. */
const PAPER_KEY = { accessKeyId: 'LTAI5tOfflineCheck', accessKeySecret: 'signs-nothing-that-is-sent' }

/** Endpoint, credentials, and a dry run of every launch. */
export async function checkCloud(config: MusterConfig, offline: boolean): Promise<CheckItem[]> {
  const { cloud } = config
  if (cloud.kind === 'emulator' && !cloud.endpoint) {
    const detail = 'the emulator is started by `muster dev`'
    return [{ what: 'cloud', result: 'skipped', detail }]
  }
  const ecs: EcsConfig = { region: cloud.region, ...runningCloud(config) }
  const endpoint: CheckItem = {
    what: 'endpoint',
    result: 'ok',
    detail: `${ecs.protocol}://${ecs.endpoint ?? publicEndpoint(cloud.region)}, region ${cloud.region}`,
  }
  const credentials = await checkCredentials(ecs, offline)
  const plan = {
    ecs,
    controller: config.controller,
    apiUrl: config.api.publicUrl ?? 'http://127.0.0.1:8100',
    fleets: toFleetSpecs(config),
    settings: config.fleets,
    nowMs: Date.now(),
  }
  if (offline) return [endpoint, credentials, ...(await onPaper(plan))]
  if (credentials.result !== 'ok') return [endpoint, credentials]
  return [endpoint, credentials, ...(await dryRuns(plan))]
}

async function checkCredentials({ credentials }: EcsConfig, offline: boolean): Promise<CheckItem> {
  const what = 'credentials'
  if (credentials) return { what, result: 'ok', detail: `${credentials.accessKeyId}, for the emulator` }
  const sources = credentialSources()
  if (offline) {
    const there = sources.find(({ isThere }) => isThere)
    if (there) return { what, result: 'ok', detail: `${there.name} (${there.found}), not tried` }
  } else {
    const found = await findCredentials()
    if (found) return { what, result: 'ok', detail: `${shown(found.accessKeyId)}, from ${found.source}` }
  }
  const tried = sources.map(({ name, found }) => `${name} (${found})`).join('; ')
  const detail = `no access key found; tried in this order: ${tried}`
  return { what, result: offline ? 'warned' : 'failed', detail }
}

/** Enough to know which key it is. */
const shown = (id: string): string => (id.length > 12 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id)

/** The same requests, signed with whatever key there is, and kept on this machine. */
async function onPaper(plan: DryRunOptions): Promise<CheckItem[]> {
  const paper = await openPaperCloud()
  try {
    const ecs: EcsConfig = {
      region: plan.ecs.region,
      endpoint: paper.endpoint,
      protocol: 'http',
      credentials: plan.ecs.credentials ?? PAPER_KEY,
    }
    const items = await dryRuns({ ...plan, ecs })
    return items.map((item) =>
      item.result === 'ok' ? { ...item, detail: 'built and signed, not sent' } : item,
    )
  } finally {
    await paper.close()
  }
}
