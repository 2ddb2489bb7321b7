import type { HostSpec } from '../spec.ts'
import { durationText } from './duration.ts'
import { MAX_PLACEMENTS, type HostFields } from './host-schema.ts'
import { mergeHosts } from './merge-hosts.ts'
import type { Pieces } from './pieces.ts'
import { placementRules } from './placement-rules.ts'
import type { Finding, HostFinding } from './problem.ts'
import { MAX_TAGS } from './tags-schema.ts'
import { toHostSpec } from './to-fleet-specs.ts'
import type { HostSettings } from './types.ts'

/** The spec travels in every workflow's input. */
const MAX_SPEC_BYTES = 8 * 1_024

/** Rules over several fields of a fleet's hosts, after `defaults` are merged in. */
export function fleetRules({ fleets, defaults, cloud, raw }: Pieces): Finding[] {
  if (!defaults || !cloud) return []
  const findings = Object.entries(fleets).flatMap(([name, fleet]) => {
    const hosts = mergeHosts(defaults, fleet.hosts)
    return hostRules(hosts, cloud.region).map(({ fields, message }) => ({
      path: whereSaid(raw, name, fields),
      message,
    }))
  })
  // What is wrong in defaults is wrong in every fleet: once is enough.
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()]
}

function hostRules(hosts: HostFields, region: string): HostFinding[] {
  const missing = REQUIRED.filter(({ field }) => hosts[field] === undefined).map(({ field, what }) => ({
    fields: [[field]],
    message: `is missing: expected ${what}, here or in defaults`,
  }))
  if (!isComplete(hosts)) return missing
  const spec = toHostSpec(hosts, region)
  return [...placementRules(hosts, region), ...timeRules(spec), ...machineRules(hosts), ...sizeRules(spec)]
}

const REQUIRED = [
  { field: 'image', what: 'an image id' },
  { field: 'placements', what: 'a list of placements' },
  { field: 'securityGroups', what: 'a list of security group ids' },
] as const

const isComplete = (hosts: HostFields): hosts is HostSettings =>
  REQUIRED.every(({ field }) => hosts[field] !== undefined)

function timeRules(spec: HostSpec): HostFinding[] {
  const everyMs = spec.heartbeatSeconds * 1_000
  const { heartbeatTimeoutMs, silentGraceMs, runningTimeoutMs, bootTimeoutMs, backoff } = spec
  return [
    ...atLeast(heartbeatTimeoutMs, 3 * everyMs, {
      fields: [
        ['heartbeat', 'timeout'],
        ['heartbeat', 'every'],
      ],
      why: '3 × heartbeat.every, because two lost beats must not make a host silent',
    }),
    ...atLeast(silentGraceMs, 2 * heartbeatTimeoutMs, {
      fields: [['silentGrace'], ['heartbeat', 'timeout']],
      why: '2 × heartbeat.timeout, because a host must have time to be heard again',
    }),
    ...atLeast(bootTimeoutMs, runningTimeoutMs, {
      fields: [['runningTimeout'], ['bootTimeout']],
      why: 'runningTimeout, which is a part of the boot',
      name: 'bootTimeout',
    }),
    ...atLeast(backoff.maxMs, backoff.initialMs, {
      fields: [
        ['backoff', 'max'],
        ['backoff', 'initial'],
      ],
      why: 'backoff.initial',
    }),
  ]
}

function atLeast(
  value: number,
  bound: number,
  { fields, why, name }: { fields: string[][]; why: string; name?: string },
): HostFinding[] {
  if (value >= bound) return []
  const what = name ?? fields[0]?.join('.')
  return [
    {
      fields,
      message: `expected ${what} of at least ${durationText(bound)} (${why}), found ${durationText(value)}`,
    },
  ]
}

function machineRules({ systemDisk, os, keyPair, tags }: HostSettings): HostFinding[] {
  const count = Object.keys(tags ?? {}).length
  const found = [
    systemDisk?.performanceLevel !== undefined &&
      systemDisk.category !== 'cloud_essd' && {
        fields: [['systemDisk', 'performanceLevel']],
        message: `expected none for a disk of ${systemDisk.category}: only cloud_essd has levels`,
      },
    os === 'windows' &&
      keyPair !== undefined && {
        fields: [['keyPair'], ['os']],
        message: 'expected none for Windows: ECS has key pairs for Linux only',
      },
    count > MAX_TAGS && {
      fields: [['tags']],
      message: `expected at most ${MAX_TAGS} tags with those of defaults (ECS takes 20, the rest are Muster's), found ${count}`,
    },
  ]
  return found.filter((finding) => typeof finding === 'object')
}

function sizeRules(spec: HostSpec): HostFinding[] {
  const bytes = new TextEncoder().encode(JSON.stringify(spec)).byteLength
  const count = spec.placements.length
  if (count > MAX_PLACEMENTS) {
    return [
      {
        fields: [['placements']],
        message: `expected at most ${MAX_PLACEMENTS} placements, types counted one by one, found ${count}`,
      },
    ]
  }
  if (bytes <= MAX_SPEC_BYTES) return []
  const message = `expected hosts of at most ${MAX_SPEC_BYTES} bytes as JSON, defaults included, because they travel in every workflow's input, found ${bytes}: shorten workload.env, tags or placements`
  return [{ fields: [], message }]
}

/** The field as the fleet says it, else as `defaults` do, else where it could have been said. */
function whereSaid(
  raw: Record<string, unknown>,
  fleet: string,
  fields: (string | number)[][],
): (string | number)[] {
  const own = ['fleets', fleet, 'hosts']
  const said = [own, ['defaults']].flatMap((base) => fields.map((field) => [...base, ...field]))
  return said.find((path) => isSaid(raw, path)) ?? [...own, ...(fields[0] ?? [])]
}

function isSaid(raw: unknown, path: (string | number)[]): boolean {
  const [first, ...rest] = path
  if (first === undefined) return true
  return (
    typeof raw === 'object' &&
    raw !== null &&
    Object.hasOwn(raw, first) &&
    isSaid((raw as Record<string, unknown>)[first], rest)
  )
}
