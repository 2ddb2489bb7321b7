import type { Machine, MachineRoom, MachineSpec } from '../machines/contract.ts'

/** A machine that only records its calls: the other side of the contract, for tests of this side. */
export interface RecordedMachine {
  spec: MachineSpec
  orders: string[]
  on: boolean
  spotTermination: Date | undefined
}

export interface RecordingRoom extends MachineRoom {
  readonly machines: Map<string, RecordedMachine>
}

export function createRecordingRoom(): RecordingRoom {
  const machines = new Map<string, RecordedMachine>()
  return {
    machines,
    create(spec) {
      const machine: RecordedMachine = { spec, orders: [], on: false, spotTermination: undefined }
      machines.set(spec.instanceId, machine)
      return machineOf(machine)
    },
    close: () => Promise.resolve(),
  }
}

function machineOf(machine: RecordedMachine): Machine {
  const note = (order: string, on: boolean): Promise<void> => {
    machine.orders.push(order)
    machine.on = on
    return Promise.resolve()
  }
  return {
    start: () => note('start', true),
    stop: ({ force }) => note(force ? 'power off' : 'shut down', false),
    reboot: ({ force }) => note(force ? 'reset' : 'reboot', true),
    discard: () => Promise.resolve(),
    consoleOutput: () => `\u001B[32mbooted\u001B[0m ${machine.spec.instanceId}\n`,
    screenshot: () => Buffer.from([0x89, 0x50, 0x4e, 0x47]),
    setSpotTermination(at) {
      machine.spotTermination = at
    },
    metadataUrl: `http://${machine.spec.privateIp}`,
  }
}
