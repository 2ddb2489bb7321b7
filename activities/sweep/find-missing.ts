import type { HostId } from '../../domain/ids.ts'
import type { Claim, SweepOrder, SweepReport } from '../../domain/sweep/types.ts'
import { allHosts } from '../../store/all-hosts.ts'
import type { HostRow } from '../../store/contract.ts'
import type { Look } from '../ecs/look.ts'
import { askClaims } from './ask-claims.ts'
import type { SweepActivityDeps } from './deps.ts'

/**
 * The reverse of an orphan: hosts whose instance the cloud does not know. Each finds out on its own (an agent falls
 * silent, others are looked at every five minutes), so they are reported, not touched: with a cut permission every
 * list is empty.
 */
export async function findMissing(
  { store, temporal, clock }: SweepActivityDeps,
  look: Look,
  { region, policy }: SweepOrder,
  listed: ReadonlySet<string>,
): Promise<SweepReport['missing']> {
  const settledBefore = clock() - policy.ageGuardMs
  const hosts = await allHosts(store, { phases: ['booting', 'ready', 'silent', 'draining'] })
  const suspects = hosts.filter(
    (row) =>
      row.region === region &&
      row.instanceId !== undefined &&
      !listed.has(row.instanceId) &&
      row.phaseAt <= settledBefore,
  )
  const found = await Promise.all(
    suspects.map(async (row) => ((await look(row.instanceId ?? '')) ? undefined : row)),
  )
  const absent = found.filter((row) => row !== undefined)
  const claims = await askClaims(
    temporal,
    absent.map(({ host }) => host),
  )
  return absent
    .filter((row) => stillBelieves(row, claims))
    .map(({ host, instanceId = '', phase }) => ({ host, instanceId, phase }))
}

/** The row may be old; what the server keeps of the workflow is not. */
function stillBelieves(row: HostRow, claims: Record<HostId, Claim>): boolean {
  const claim = claims[row.host]
  return (
    claim?.kind === 'running' &&
    claim.generation === row.generation &&
    claim.attempt === row.attempt &&
    (claim.instanceId ?? row.instanceId) === row.instanceId
  )
}
