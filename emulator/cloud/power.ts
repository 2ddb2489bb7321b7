import type { Machine, MachineRoom, MachineSpec } from '../machines/contract.ts'
import type { Instance } from './instance.ts'
import type { Places } from './places.ts'

/** The machines behind the instances. Orders to one machine are carried out one after another. */
export interface Power {
  /** Makes the machine when there is none and switches it on. */
  on(instance: Instance): Promise<void>
  off(instance: Instance, options: { force: boolean }): Promise<void>
  reboot(instance: Instance, options: { force: boolean }): Promise<void>
  /** Off, and forgotten. */
  discard(instance: Instance, options: { force: boolean }): Promise<void>
  machine(instanceId: string): Machine | undefined
  /** Switches every machine off at once: the emulator ends or starts over. */
  closeAll(): Promise<void>
}

export interface PowerOptions {
  room: MachineRoom
  places: Places
  ownerAccountId: string
  /** Told when a machine cannot do what it was ordered: the cloud's status does not depend on it. */
  onError: (instance: Instance, error: unknown) => void
}

interface Slot {
  machine: Machine
  orders: Promise<void>
}

export function createPower(options: PowerOptions): Power {
  const slots = new Map<string, Slot>()

  function slotOf(instance: Instance): Slot {
    const known = slots.get(instance.instanceId)
    if (known !== undefined) return known
    const machine = options.room.create(specOf(instance, options))
    const slot = { machine, orders: Promise.resolve() }
    slots.set(instance.instanceId, slot)
    return slot
  }
  function order(slot: Slot, instance: Instance, work: (machine: Machine) => Promise<void>): Promise<void> {
    slot.orders = slot.orders
      .then(() => work(slot.machine))
      .catch((error: unknown) => options.onError(instance, error))
    return slot.orders
  }
  async function on(instance: Instance): Promise<void> {
    try {
      const slot = slotOf(instance)
      if (instance.reclaimAtMs !== undefined) slot.machine.setSpotTermination(new Date(instance.reclaimAtMs))
      await order(slot, instance, (machine) => machine.start())
    } catch (error) {
      options.onError(instance, error)
    }
  }
  return {
    on,
    async off(instance, { force }) {
      const slot = slots.get(instance.instanceId)
      if (slot !== undefined) await order(slot, instance, (machine) => machine.stop({ force }))
    },
    async reboot(instance, { force }) {
      const slot = slots.get(instance.instanceId)
      // Rebooted before it ever booted: that is a boot.
      if (slot === undefined) await on(instance)
      else await order(slot, instance, (machine) => machine.reboot({ force }))
    },
    async discard(instance, { force }) {
      const slot = slots.get(instance.instanceId)
      if (slot === undefined) return
      await order(slot, instance, async (machine) => {
        await machine.stop({ force })
        await machine.discard()
      })
      slots.delete(instance.instanceId)
    },
    machine: (instanceId) => slots.get(instanceId)?.machine,
    async closeAll() {
      await Promise.allSettled([...slots.values()].map(({ machine }) => machine.stop({ force: true })))
      slots.clear()
    },
  }
}

function specOf(instance: Instance, { places, ownerAccountId }: PowerOptions): MachineSpec {
  return {
    instanceId: instance.instanceId,
    regionId: instance.regionId,
    zoneId: instance.zoneId,
    imageId: instance.imageId,
    instanceType: instance.instanceType,
    instanceName: instance.name,
    hostName: instance.hostName,
    serialNumber: instance.serialNumber,
    ownerAccountId,
    privateIp: instance.privateIp,
    mac: instance.mac,
    vpcId: instance.vpcId,
    vpcCidr: places.vpc(instance.vpcId)?.cidr ?? '',
    vSwitchId: instance.vSwitchId,
    vSwitchCidr: places.vSwitch(instance.vSwitchId)?.cidr ?? '',
    networkInterfaceId: instance.networkInterfaceId,
    os: places.image(instance.regionId, instance.imageId)?.os ?? 'linux',
    ...(instance.keyPairName === '' ? {} : { keyPairName: instance.keyPairName }),
    ...(instance.ramRoleName === '' ? {} : { ramRoleName: instance.ramRoleName }),
    ...(instance.userData === '' ? {} : { userData: Buffer.from(instance.userData, 'base64') }),
    metadata: instance.metadata,
    behaviour: instance.behaviour,
  }
}
