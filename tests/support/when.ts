import { WorkflowNotFoundError } from '@temporalio/client'
import { waitFor } from '../../cli/wait-for.ts'
import { MusterError } from '../../domain/errors.ts'
import type { HostState } from '../../domain/host/types.ts'
import type { HostId } from '../../domain/ids.ts'

/** Waits until that holds of the host's state; one that has not been started yet is waited for. */
export type When = (
  host: HostId,
  what: string,
  holds: (state: HostState) => boolean,
  timeoutMs?: number,
) => Promise<HostState>

/** @param stateOf asks the host's workflow; the error of a wait in vain says where the host stood instead */
export function whenOf(stateOf: (host: HostId) => Promise<HostState>): When {
  return async (host, what, holds, timeoutMs = 30_000) => {
    let last: HostState | undefined
    const look = async () => {
      last = await stateOf(host).catch((error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return undefined
        throw error
      })
      return last !== undefined && holds(last) && last
    }
    try {
      return await waitFor(`${host} ${what}`, look, { timeoutMs })
    } catch (cause) {
      if (!(cause instanceof MusterError)) throw cause
      throw new Error(`${cause.message}; it is ${last ? stateText(last) : 'not there'}`, { cause })
    }
  }
}

const stateText = ({ phase, step, current }: HostState): string =>
  `${phase}, step ${step}, ${JSON.stringify(current)}`
