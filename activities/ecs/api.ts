import type { SweepApi } from './sweep-api.ts'

/**
 * What Muster asks of the cloud, in one region. Every call is sent once, within {@link EcsConfig} limits; what fails is
 * an `EcsError`, made new from code, status and request id.
 */
export interface EcsApi extends SweepApi {
  readonly region: string
  /** Exactly one instance. The same request and token again give the same instance. */
  runInstance(request: RunInstance): Promise<{ instanceId: string; requestId: string }>
  /** At most {@link MAX_IDS} ids; those the cloud does not know are absent from the answer. */
  describeInstances(instanceIds: string[]): Promise<CloudInstance[]>
  /** All pages of the instances that carry all of the tags (the cloud looks at 1,000 at most). */
  findInstances(tags: Record<string, string>): Promise<CloudInstance[]>
  /** At most {@link MAX_IDS} ids, running ones included. All or none. */
  deleteInstances(instanceIds: string[]): Promise<void>
  /** `at` as the cloud writes it (see `releaseTime`); absent: cleared. */
  setAutoRelease(instanceId: string, at: string | undefined): Promise<void>
  tagInstance(instanceId: string, tags: Record<string, string>): Promise<void>
  /** The serial console's last text. */
  consoleOutput(instanceId: string): Promise<string>
  /** A JPEG of the screen. */
  screenshot(instanceId: string): Promise<Uint8Array>
  /** System events of the last 30 days, whatever their state, as the cloud reports them. */
  historyEvents(instanceId: string): Promise<unknown[]>
}

/** Ids in one DescribeInstances or DeleteInstances (ECS API reference). */
export const MAX_IDS = 100

export interface RunInstance {
  clientToken: string
  imageId: string
  instanceType: string
  zoneId: string
  vSwitchId: string
  securityGroupIds: string[]
  instanceName: string
  hostName: string
  /** As text; sent in base64. A secret. */
  userData: string
  /** See `releaseTime`. */
  autoReleaseTime: string
  tags: Record<string, string>
  internetMaxBandwidthOutMbps: number
  systemDisk?: { category: string; sizeGiB: number; performanceLevel?: string }
  ramRoleName?: string
  keyPairName?: string
  spot?: { priceLimit?: number }
  /** Asks whether the request would be obeyed; the cloud's yes is the refusal `DryRunOperation`. */
  dryRun?: boolean
}

export interface CloudInstance {
  instanceId: string
  status: string
  /** ms since 1970, to the minute. */
  createdAt?: number
  privateIp?: string
  /** Lower-case, colon separated. */
  mac?: string
  tags: Record<string, string>
  /** `Recycling`: a spot instance the cloud is about to take. */
  locks: string[]
}

/** Where and as whom the cloud is asked. */
export interface EcsConfig {
  region: string
  /** Host and port; absent: the region's public endpoint. */
  endpoint?: string
  /** Default `https`. */
  protocol?: 'http' | 'https'
  /** Absent: Alibaba's default chain (environment, OIDC, profile, RAM role, URI). */
  credentials?: { accessKeyId: string; accessKeySecret: string; securityToken?: string }
  /** From sending the request to the whole answer. Default 8 s. */
  timeoutMs?: number
  /** ms since 1970, for the end of throttling; default the wall clock. Signatures are dated by the SDK itself. */
  clock?: () => number
  /** Told of every call, for metrics and the log: never holds a parameter. */
  onCall?: (call: EcsCall) => void
}

export interface EcsCall {
  action: string
  region: string
  tookMs: number
  /** `OK` or the error's code. */
  code: string
  requestId?: string
}
