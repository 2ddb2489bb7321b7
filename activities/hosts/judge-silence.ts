import { parseHostId } from '../../domain/ids.ts'
import { judgeSilence as judge, PULSE_GAP_MS } from '../../domain/silence/judge.ts'
import type { JudgeInput, Verdict } from '../contract.ts'
import type { HostActivityDeps } from '../deps.ts'

/** The shared facts of the fleet and of our own API, put before the pure judge. */
export async function judgeSilence(deps: HostActivityDeps, input: JudgeInput): Promise<Verdict> {
  const { store, clock, log } = deps
  const { host, attempt } = input.key
  const now = clock()
  const { fleet } = parseHostId(host)
  const [hosts, row, pulses] = await Promise.all([
    store.hosts.readyAndSilent(fleet),
    store.fleets.get(fleet),
    store.pulses.alive(now, 2 * input.heartbeatTimeoutMs + PULSE_GAP_MS),
  ])
  const { heartbeatTimeoutMs, silentGraceMs } = input
  const isOverridden = now < (row?.status?.override?.until ?? 0)
  const verdict = judge({ host, hosts, pulses, heartbeatTimeoutMs, silentGraceMs, now, isOverridden })
  log.info({ host, attempt, verdict: verdict.verdict }, `silent host judged: ${verdict.reason}`)
  // At once: the record of this look knows the verdict of the one before, and the next is a minute away.
  const why = verdict.verdict === 'wait' ? { reason: verdict.reason } : {}
  await store.hosts.record({ ...input.record, ...why }, clock())
  return verdict
}
