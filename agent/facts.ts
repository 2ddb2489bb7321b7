import * as os from 'node:os'
import type { HostFacts } from '../domain/wire.ts'
import type { Identity } from './identity.ts'
import { isoTime } from './iso-time.ts'
import type { PhysicalCores } from './cpu.ts'
import { AGENT_VERSION } from './version.ts'

/** What is known at once, from `node:os` (0.5 ms) and the metadata service. */
export function quickFacts(identity: Identity, programStartedAtMs: number): HostFacts {
  return {
    instanceId: identity.instanceId,
    mac: identity.mac,
    privateIp: identity.privateIp,
    cpu: { logical: logicalCpus(), source: 'os' },
    memoryBytes: os.totalmem(),
    os: { platform: os.platform(), release: os.release(), arch: os.arch(), hostname: os.hostname() },
    agentVersion: AGENT_VERSION,
    programStartedAt: isoTime(programStartedAtMs),
  }
}

/** The same facts with what systeminformation found; unchanged facts are not sent again (undefined). */
export function completeFacts(facts: HostFacts, found: PhysicalCores | undefined): HostFacts | undefined {
  if (found === undefined) return undefined
  return {
    ...facts,
    cpu: { logical: facts.cpu.logical, physical: found.physical, source: 'systeminformation' },
  }
}

/** 1-minute load per logical CPU; Windows has no load average: 0. */
export function loadPerCpu(): number {
  return Math.round(((os.loadavg()[0] ?? 0) / logicalCpus()) * 1000) / 1000
}

/** `os.cpus()` is empty where /proc is hidden; a host has one CPU at least. */
function logicalCpus(): number {
  return Math.max(os.cpus().length, 1)
}
