import type { MachineSpec } from '../contract.ts'
import { publicKeyText } from './public-key.ts'

/** A directory, an item, or an item that exists only at times (undefined: 404). */
export type MetadataNode = string | (() => string | undefined) | MetadataDirectory
export interface MetadataDirectory {
  [name: string]: MetadataNode
}

/** What may change while the machine runs. */
export interface Changing {
  spotTermination: Date | undefined
}

/**
 * The items under `meta-data/` of one instance, named as the cloud names them.
 * {@link https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata}
 *
 * @param spec `instanceId` is what the machine says of itself, which a machine with a wrong identity lies about
 */
export function metadataTree(spec: MachineSpec, changing: Changing): MetadataDirectory {
  return {
    'dns-conf': { nameservers: '100.100.2.136\r\n100.100.2.138' },
    hostname: spec.hostName,
    'image-id': spec.imageId,
    instance: {
      'instance-name': spec.instanceName,
      'instance-type': spec.instanceType,
      // Kbit/s
      'max-netbw-egress': '10240000',
      'max-netbw-ingress': '10240000',
      spot: { 'termination-time': () => spotTime(changing.spotTermination) },
      'virtualization-solution': 'ECS Virt',
      'virtualization-solution-version': '2.0',
    },
    'instance-id': spec.instanceId,
    mac: spec.mac,
    network: { interfaces: { macs: { [spec.mac]: networkInterface(spec) } } },
    'network-type': 'vpc',
    'ntp-conf': { 'ntp-servers': 'ntp1.aliyun.com\r\nntp2.aliyun.com\r\nntp3.aliyun.com' },
    'owner-account-id': spec.ownerAccountId,
    'private-ipv4': spec.privateIp,
    ...publicKeys(spec),
    ...ram(spec),
    'region-id': spec.regionId,
    'serial-number': spec.serialNumber,
    'source-address': 'http://mirrors.cloud.aliyuncs.com',
    'sub-private-ipv4-list': spec.privateIp,
    'vpc-cidr-block': spec.vpcCidr,
    'vpc-id': spec.vpcId,
    'vswitch-cidr-block': spec.vSwitchCidr,
    'vswitch-id': spec.vSwitchId,
    ...windowsServers(spec),
    'zone-id': spec.zoneId,
  }
}

/** The instance identity document: one line of JSON. */
export function identityDocument(spec: MachineSpec): string {
  return JSON.stringify({
    'zone-id': spec.zoneId,
    'serial-number': spec.serialNumber,
    'instance-id': spec.instanceId,
    'region-id': spec.regionId,
    'private-ipv4': spec.privateIp,
    'owner-account-id': spec.ownerAccountId,
    mac: spec.mac,
    'image-id': spec.imageId,
    'instance-type': spec.instanceType,
  })
}

/** `2026-01-01T00:05:00Z`: seconds, no fraction. */
function spotTime(at: Date | undefined): string | undefined {
  return at?.toISOString().replace(/\.\d+Z$/, 'Z')
}

function networkInterface(spec: MachineSpec): MetadataDirectory {
  const { netmask, gateway } = subnet(spec.vSwitchCidr)
  return {
    gateway,
    netmask,
    'network-interface-id': spec.networkInterfaceId,
    'primary-ip-address': spec.privateIp,
    'private-ipv4s': JSON.stringify([spec.privateIp]),
    'vpc-cidr-block': spec.vpcCidr,
    'vpc-id': spec.vpcId,
    'vswitch-cidr-block': spec.vSwitchCidr,
    'vswitch-id': spec.vSwitchId,
  }
}

/** The gateway of a vSwitch is its third address from the end (x.x.x.253 in a /24). */
export function subnet(cidr: string): { netmask: string; gateway: string } {
  const [network = '0.0.0.0', bits = '24'] = cidr.split('/')
  const size = 2 ** (32 - Number(bits))
  const first = network.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
  return { netmask: dotted(2 ** 32 - size), gateway: dotted(first - (first % size) + size - 3) }
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}

function publicKeys({ keyPairName }: MachineSpec): MetadataDirectory {
  if (keyPairName === undefined) return {}
  return { 'public-keys': { [keyPairName]: { 'openssh-key': () => publicKeyText(keyPairName) } } }
}

const CREDENTIALS_LIFE_MS = 6 * 3_600_000

/** Well-formed credentials of the bound role, new at each reading; see Gaps in `../index.ts`. */
function ram({ ramRoleName, instanceId }: MachineSpec): MetadataDirectory {
  if (ramRoleName === undefined) return {}
  const credentials = (): string => {
    const nowMs = Date.now()
    return JSON.stringify({
      AccessKeyId: `STS.emulated-${instanceId}`,
      AccessKeySecret: `emulated-${instanceId}`,
      Expiration: spotTime(new Date(nowMs + CREDENTIALS_LIFE_MS)),
      SecurityToken: `emulated-${instanceId}`,
      LastUpdated: spotTime(new Date(nowMs)),
      Code: 'Success',
    })
  }
  return { ram: { 'security-credentials': { [ramRoleName]: credentials } } }
}

function windowsServers({ os }: MachineSpec): MetadataDirectory {
  if (os !== 'windows') return {}
  const update = 'http://update.cloud.aliyuncs.com'
  return {
    'kms-server': 'kms.cloud.aliyuncs.com',
    'wsus-server': { 'wu-server': update, 'wu-status-server': update },
  }
}
