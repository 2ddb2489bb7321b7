/**
 * What the cloud part of the emulator and the machine part owe each other: the cloud decides what exists and in which
 * state it is, the machine part runs it (metadata service, agent process, console, screen).
 */

/** What a powered-on instance is made of; the cloud part decides, the machine part runs it. */
export interface MachineSpec {
  instanceId: string
  regionId: string
  zoneId: string
  imageId: string
  instanceType: string
  instanceName: string
  hostName: string
  serialNumber: string
  ownerAccountId: string
  /** 127.x.y.z: also the address the machine binds and connects from. */
  privateIp: string
  mac: string
  vpcId: string
  vpcCidr: string
  vSwitchId: string
  vSwitchCidr: string
  networkInterfaceId: string
  os: 'linux' | 'windows'
  keyPairName?: string
  ramRoleName?: string
  /** Decoded. */
  userData?: Buffer
  metadata: { httpEndpoint: 'enabled' | 'disabled'; httpTokens: 'optional' | 'required' }
  behaviour: MachineBehaviour
}

export interface MachineBehaviour {
  /**
   * process: a real agent process; light: a simulated agent inside the emulator's process; mute: the machine runs, its
   * agent never speaks; none: no agent; wrongIdentity: a process whose metadata gives another instance's id.
   */
  agent: 'process' | 'light' | 'mute' | 'none' | 'wrongIdentity'
}

export interface Machine {
  /** Powers on; resolves when the metadata service answers and the agent (if any) has been started. */
  start(): Promise<void>
  /** Powers off; force=false lets the agent end on its own for a few seconds. Resolves when nothing of it is left. */
  stop(options: { force: boolean }): Promise<void>
  reboot(options: { force: boolean }): Promise<void>
  /** Deletes its folder: the instance is released. Call it once stopped. */
  discard(): Promise<void>
  /** Serial console text, last 64 KiB. */
  consoleOutput(): string
  /** A JPEG or PNG of the screen. */
  screenshot(): Buffer
  /** Sets or clears instance/spot/termination-time. */
  setSpotTermination(at: Date | undefined): void
  readonly metadataUrl: string
}

export interface MachineRoom {
  create(spec: MachineSpec): Machine
  close(): Promise<void>
}

export interface MachineRoomOptions {
  /** For example [node, dist/agent.cjs]. */
  agentCommand: string[]
  /** A folder per instance is made in it. */
  stateDir: string
  agentEnv?: Record<string, string>
  /** Keeps the folders of released instances, for a person to look at; default false. */
  keepFolders?: boolean
  log: (event: { instanceId?: string; message: string }) => void
}
