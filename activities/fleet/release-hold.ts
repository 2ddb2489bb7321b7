import { MusterError } from '../../domain/errors.ts'
import type { ReleaseHoldInput } from '../contract.ts'
import type { FleetActivityDeps } from './deps.ts'

/** Closes a hold for a person. One that is closed already, or that nobody knows, needs no closing: that goes to the audit. */
export async function releaseHold(
  { store, clock }: FleetActivityDeps,
  input: ReleaseHoldInput,
): Promise<void> {
  const { fleet, hold, by, why } = input
  try {
    await store.holds.release(hold, { by, why }, clock())
  } catch (error) {
    if (!(error instanceof MusterError) || error.retryable) throw error
    await store.audit.add({
      at: clock(),
      who: by,
      what: `release hold ${hold} not done: ${error.message}`,
      target: `fleet ${fleet}`,
      why,
    })
  }
}
