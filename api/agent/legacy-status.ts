import { MusterError } from '../../domain/errors.ts'
import type { HostPhase } from '../../domain/host/types.ts'
import { HOST_SIGNALS } from '../../domain/messages.ts'
import type { StartedSignal } from '../../domain/messages.ts'
import type { AttemptKey } from '../../domain/ids.ts'
import type { HostFacts, LegacyStatusRequest } from '../../domain/wire.ts'
import type { HostRow } from '../../store/contract.ts'
import type { ApiDeps } from '../deps.ts'
import type { Metrics } from '../metrics.ts'
import { askStore } from '../store-call.ts'
import type { HostCalls } from '../temporal/host-calls.ts'

/** What old clients say before they say 2, started. */
const NOT_STARTED = 0

/**
 * How long a claim waits for its address to become known: as long as any boot may take. Which attempt will have the
 * address is not known yet; one that is launched after the claim never takes it.
 */
const CLAIM_MS = 24 * 3_600_000

/** Phases in which the instance behind an address is the attempt's, alive or coming alive. */
const ALIVE: ReadonlySet<HostPhase> = new Set(['launching', 'booting', 'ready', 'silent', 'draining'])

export interface LegacyContext {
  deps: ApiDeps
  calls: HostCalls
  metrics: Metrics
}

/**
 * `POST /v1/hosts/status` of clients that know only their private address.
 *
 * @param source the sender as sockets and trusted proxies prove it
 * An address that still belongs to an instance being deleted may be a new one's already: its claim waits, too.
 *
 * @throws MusterError `forbidden` for somebody else's address
 */
export async function acceptLegacyStatus(
  context: LegacyContext,
  source: string,
  { privateIp, status }: LegacyStatusRequest,
): Promise<void> {
  const { deps } = context
  if (source !== privateIp) {
    throw new MusterError(
      'forbidden',
      `a host reports its own address only: ${privateIp} is not where this request came from; behind a proxy, name it in api.trustedProxies`,
    )
  }
  if (status === NOT_STARTED) return
  const { store } = deps
  const now = deps.clock()
  const key = await askStore('look up the address', () => store.addresses.byIp(privateIp))
  const row = key && (await askStore('read the host of the address', () => store.hosts.get(key.host)))
  if (key === undefined || row === undefined || !isOf(row, key) || !ALIVE.has(row.phase)) {
    await askStore('keep the claim', () => store.addresses.claim(privateIp, now, now + CLAIM_MS))
    return
  }
  await signalStarted(context, key, row, privateIp)
}

/**
 * Claims whose address has become known meanwhile. The signal goes first and is harmless twice: a claim taken before it
 * would be lost with this process.
 */
export async function matchClaims(context: LegacyContext): Promise<void> {
  const { deps } = context
  const matching = await deps.store.addresses.matchingClaims(deps.clock())
  for (const claim of matching) await matchClaim(context, claim)
}

async function matchClaim(
  context: LegacyContext,
  { privateIp, key }: { privateIp: string; key: AttemptKey },
): Promise<void> {
  const { store, clock } = context.deps
  const row = await store.hosts.get(key.host)
  if (row === undefined || !isOf(row, key) || !ALIVE.has(row.phase)) return
  try {
    await signalStarted(context, key, row, privateIp)
  } catch (error) {
    // Over by now: the address is freed soon, and the claim waits for its next owner until it expires.
    if (error instanceof MusterError && error.code === 'gone') return
    throw error
  }
  await store.addresses.takeClaim(privateIp, clock())
}

async function signalStarted(
  { calls, metrics, deps }: LegacyContext,
  key: AttemptKey,
  row: HostRow,
  privateIp: string,
): Promise<void> {
  const { generation, attempt } = key
  const signal: StartedSignal = {
    generation,
    attempt,
    // The same for every report of this attempt: a reboot of such a client cannot be told from a repetition.
    bootId: `address-${generation}-${attempt}`,
    facts: knownFacts(row, privateIp, deps.clock()),
    liveness: 'none',
  }
  await calls.signal(key, HOST_SIGNALS.started, signal)
  metrics.started.inc({ liveness: 'none' })
}

const isOf = (row: HostRow, key: AttemptKey): boolean =>
  row.generation === key.generation && row.attempt === key.attempt

/** Such a client reports nothing: what the cloud reported is kept, the rest is empty. */
function knownFacts(row: HostRow, privateIp: string, now: number): HostFacts {
  return {
    instanceId: row.instanceId ?? '',
    mac: row.mac ?? '',
    privateIp,
    cpu: { logical: 0, source: 'os' },
    memoryBytes: 0,
    os: { platform: '', release: '', arch: '', hostname: '' },
    agentVersion: '',
    programStartedAt: new Date(now).toISOString(),
  }
}
