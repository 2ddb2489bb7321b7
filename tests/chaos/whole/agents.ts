import { isHostId, parseHostId } from '../../../domain/ids.ts'
import { HOST_TAG } from '../../../emulator/cloud/instance.ts'
import type { Emulator } from '../../../emulator/index.ts'

/**
 * Gives the fleet's hosts with the numbers up to `last` real agents, a process each; faults may still make one mute. All
 * of a fleet would be thirty more processes of Node on two cores.
 * @returns how many instances have been given one so far
 */
export function runRealAgents({ cloud: { instances } }: Emulator, fleet: string, last: number): () => number {
  let given = 0
  const add = instances.add.bind(instances)
  instances.add = (instance) => {
    if (isAmong(instance.tags[HOST_TAG] ?? '', fleet, last)) {
      instance.behaviour = { agent: 'process' }
      given += 1
    }
    add(instance)
  }
  return () => given
}

function isAmong(host: string, fleet: string, last: number): boolean {
  if (!isHostId(host)) return false
  const parsed = parseHostId(host)
  return parsed.fleet === fleet && parsed.slot <= last
}
