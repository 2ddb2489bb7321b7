/**
 * The machines of the emulator: what an instance is made of while it is powered on.
 *
 * Gaps
 * - The identity document is served, its PKCS#7 signature (`dynamic/instance-identity/pkcs7`) is not: 404.
 * - Credentials of a RAM role are well-formed, but the emulator does not accept them.
 * - No EIP, disk, hibernation or market-place items; `vendor-data` is always absent.
 * - The metadata service opens for machines with an agent process only; others have nothing that would ask.
 *
 * By design
 * - A machine is processes on this computer, on its own loopback address: no isolation is tried.
 * - Agents find the metadata service by MUSTER_METADATA_URL, because 100.100.100.200 would need a route.
 * - User data is not run: of the image there is only the agent, which reads its enrollment from it.
 * - Simulated (`light`) agents take everything from the spec and speak the agent's protocol from the machine's address.
 */
import { randomUUID } from 'node:crypto'
import type { Machine, MachineRoom, MachineRoomOptions } from './contract.ts'
import { createLightFleet } from './light/fleet.ts'
import { createMachine } from './machine.ts'
import { endMarked, ROOM_MARK } from './process/marked.ts'
import { startGuard } from './process/guard.ts'
import type { RoomGuard } from './process/guard.ts'

export type { MachineRoom, MachineRoomOptions, MachineSpec } from './contract.ts'

/**
 * A room of machines. `close()` powers all off at once and leaves no process; should this process be killed, a guard
 * ends them on Linux.
 */
export function createMachineRoom(options: MachineRoomOptions): MachineRoom {
  const roomId = randomUUID()
  const lights = createLightFleet()
  const powered = new Set<Machine>()
  let guard: RoomGuard | undefined

  function onPower(machine: Machine, on: boolean): void {
    if (on) powered.add(machine)
    else powered.delete(machine)
  }

  return {
    create(spec) {
      if (spec.behaviour.agent === 'process' || spec.behaviour.agent === 'wrongIdentity') {
        guard ??= startGuard(roomId)
      }
      return createMachine({ spec, room: options, roomId, lights, onPower })
    },
    async close() {
      lights.close()
      await Promise.all([...powered].map((machine) => machine.stop({ force: true })))
      if (guard === undefined) return
      await endMarked(ROOM_MARK, roomId)
      await guard.close()
    },
  }
}
