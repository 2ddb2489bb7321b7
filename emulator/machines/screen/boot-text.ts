import type { MachineSpec } from '../contract.ts'

/** How a boot looks on the serial console, up to the agent's service or to where a mute machine hangs. */
export function bootText(spec: MachineSpec, bootedAt: Date): string {
  const lines = spec.os === 'windows' ? windowsBoot(spec) : linuxBoot(spec, bootedAt)
  return `${lines.join('\r\n')}\r\n`
}

/** A line of the agent's service as the journal forwards it to the console. */
export function serviceLine(text: string, sinceBootMs: number): string {
  return `${stamp(sinceBootMs / 1000)} muster-agent: ${text}\r\n`
}

function stamp(seconds: number): string {
  return `[${seconds.toFixed(6).padStart(12)}]`
}

function linuxBoot(spec: MachineSpec, bootedAt: Date): string[] {
  const kernel = [
    'Linux version 5.10.134-18.al8.x86_64 (gcc (GCC) 10.2.1) #1 SMP',
    'Command line: BOOT_IMAGE=(hd0,gpt3)/boot/vmlinuz root=UUID=emulated ro console=tty0 console=ttyS0,115200n8',
    `DMI: Alibaba Cloud Alibaba Cloud ECS, BIOS 449e491 04/01/2014`,
    `smpboot: ${spec.instanceType}`,
    `rtc_cmos 00:00: setting system clock to ${bootedAt.toISOString().slice(0, 19)} UTC`,
    `virtio_net virtio1 eth0: ${spec.mac}`,
    'EXT4-fs (vda3): mounted filesystem with ordered data mode',
  ]
  const services = [
    `Set hostname to <${spec.hostName}>.`,
    'Reached target Local File Systems.',
    'Started Network Manager.',
    'Starting Initial cloud-init job (metadata service crawler)...',
  ]
  return [
    ...kernel.map((line, index) => `${stamp(index * 0.31)} ${line}`),
    ...services.map((line, index) => `${stamp(2.4 + index * 0.17)} systemd[1]: ${line}`),
    ...linuxEnd(spec),
  ]
}

function linuxEnd({ behaviour, hostName, privateIp }: MachineSpec): string[] {
  const login = [
    '',
    'Alibaba Cloud Linux 3 (emulated)',
    'Kernel 5.10.134-18.al8.x86_64 on an x86_64',
    '',
    `${hostName} login: `,
  ]
  if (behaviour.agent === 'mute') {
    return [
      `${stamp(4.02)} systemd[1]: Starting Wait for Network to be Online...`,
      `${stamp(94.1)} systemd[1]: Failed to start Wait for Network to be Online.`,
      `${stamp(94.11)} systemd[1]: muster-agent.service: waiting for network-online.target`,
      ...login,
    ]
  }
  const online = [
    `${stamp(4.02)} cloud-init: ci-info: eth0 up ${privateIp}`,
    `${stamp(4.4)} systemd[1]: Reached target Network is Online.`,
  ]
  if (behaviour.agent === 'none') return [...online, ...login]
  return [...online, `${stamp(4.6)} systemd[1]: Started Muster agent.`, ...login]
}

/** What Windows' Emergency Management Services write to the serial port. */
function windowsBoot({ behaviour, hostName, instanceId }: MachineSpec): string[] {
  const services: Record<MachineSpec['behaviour']['agent'], string[]> = {
    mute: ['EVENT: The Muster agent service is waiting for the network.'],
    none: [],
    process: ['EVENT: The Muster agent service entered the running state.'],
    light: ['EVENT: The Muster agent service entered the running state.'],
    wrongIdentity: ['EVENT: The Muster agent service entered the running state.'],
  }
  return [
    '<?xml version="1.0"?>',
    `<machine-info><name>${hostName}</name><guid>${instanceId}</guid><os-product>Windows Server 2022</os-product></machine-info>`,
    'Computer is booting, SAC started and initialized.',
    'Use the "ch -?" command for information about using channels.',
    'EVENT: The CMD command is now available.',
    ...services[behaviour.agent],
    'SAC>',
  ]
}
