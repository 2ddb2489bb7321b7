import type { MachineBehaviour } from '../machines/contract.ts'

export type InstanceStatus = 'Pending' | 'Starting' | 'Running' | 'Stopping' | 'Stopped'

/** One ECS instance as the cloud knows it. Plain JSON: it is written to the state file as it is. */
export interface Instance {
  instanceId: string
  /** Order of making; listings show the newest first, page tokens count in it. */
  order: number
  regionId: string
  zoneId: string
  imageId: string
  instanceType: string
  vpcId: string
  vSwitchId: string
  securityGroupIds: string[]
  networkInterfaceId: string
  mac: string
  privateIp: string
  publicIp: string | undefined
  serialNumber: string
  name: string
  hostName: string
  description: string
  status: InstanceStatus
  stoppedMode: 'Not-applicable' | 'KeepCharging' | 'StopCharging'
  /** Milliseconds since the epoch, like every time here. */
  createdAtMs: number
  startedAtMs: number | undefined
  autoReleaseAtMs: number | undefined
  deletionProtection: boolean
  chargeType: 'PostPaid' | 'PrePaid'
  internet: { chargeType: string; bandwidthOut: number; bandwidthIn: number }
  spot: { strategy: string; priceLimit: number; duration: number; interruption: 'Terminate' | 'Stop' }
  keyPairName: string
  ramRoleName: string
  resourceGroupId: string
  /** As sent, Base64; empty when there is none. */
  userData: string
  metadata: { httpEndpoint: 'enabled' | 'disabled'; httpTokens: 'optional' | 'required' }
  tags: Record<string, string>
  locks: string[]
  behaviour: MachineBehaviour
  /** Accepted for release: still described until its machine is gone. */
  releasing: boolean
  /** Eventual consistency: what describes do not show yet. */
  visible: { id: boolean; ip: boolean }
  /** Whether it powers on on its own once made (RunInstances) or waits for StartInstance (CreateInstance). */
  powerWanted: boolean
  /** When an announced spot reclaim takes the instance away. */
  reclaimAtMs?: number
  /** When a creation that was accepted turns out to have failed. */
  vanishAtMs?: number
  systemDisk?: { category: string; sizeGiB: number }
  dataDisks?: { category: string; sizeGiB: number; deleteWithInstance: boolean }[]
  /** What stays behind when it is released: faults. */
  leaves?: ('disk' | 'interface')[]
  /** Spot reclaims that begin once it runs. */
  plannedReclaims?: { afterSeconds: number; noticeSeconds: number }[]
}

/** The tag Muster writes on every instance it makes: `<fleet>/<slot>`. Faults may name a host by it. */
export const HOST_TAG = 'muster:host'
