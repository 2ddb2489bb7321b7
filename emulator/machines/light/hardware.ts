import type { HostFacts } from '../../../domain/wire.ts'
import type { MachineSpec } from '../contract.ts'

const GIB = 1024 ** 3
/** GiB for each vCPU by the letter of the family: compute, general, memory. */
const MEMORY_RATIO: Record<string, number> = { c: 2, g: 4, r: 8 }

/** What a simulated agent says of its machine, made up from the instance type's name (`ecs.c7.2xlarge`: 8 vCPU, 16 GiB). */
export function hardwareOf(spec: MachineSpec, nowMs: number): HostFacts {
  const [, family = '', size = ''] = spec.instanceType.split('.')
  const logical = vCpus(size)
  return {
    instanceId: spec.instanceId,
    mac: spec.mac,
    privateIp: spec.privateIp,
    cpu: { logical, physical: Math.max(1, logical / 2), source: 'systeminformation' },
    memoryBytes: logical * (MEMORY_RATIO[family.charAt(0)] ?? 2) * GIB,
    os: {
      platform: spec.os === 'windows' ? 'win32' : 'linux',
      release: spec.os === 'windows' ? '10.0.20348' : '5.10.134-18.al8.x86_64',
      arch: 'x64',
      hostname: spec.hostName,
    },
    agentVersion: 'light',
    programStartedAt: new Date(nowMs).toISOString(),
  }
}

function vCpus(size: string): number {
  const match = /^(\d*)xlarge$/.exec(size)
  return match === null ? 2 : 4 * Number(match[1] || 1)
}
