import { DEFAULT_POLICY } from '../../domain/fleet/policy.ts'
import type { Store } from '../../store/contract.ts'

/** The row of a fleet of six, as its workflow would write it: frozen since now, or not. */
export async function writeFleet(
  { fleets }: Pick<Store, 'fleets'>,
  name: string,
  isFrozen: boolean,
): Promise<void> {
  const now = Date.now()
  const status = { surge: 0, replacing: 0, extra: 0, marks: [], policy: DEFAULT_POLICY }
  const frozen = { since: now, silent: 6, of: 6 }
  await fleets.record({
    name,
    desired: 6,
    paused: false,
    specHash: 'none',
    slots: [],
    seq: 1,
    note: '',
    updatedAt: now,
    status: { ...status, ...(isFrozen && { frozen }) },
  })
}
