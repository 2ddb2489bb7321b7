import type { Credentials } from './authenticate.ts'
import type { SeedInput } from './admin/schemas.ts'
import type { ClockPolicy } from './clock.ts'
import type { MachineBehaviour, MachineRoom } from './machines/contract.ts'

export interface EmulatorOptions {
  /** 0, the default, takes a free port. */
  port?: number | undefined
  /** Default 127.0.0.1. */
  host?: string | undefined
  /** The same seed gives the same ids and delays; default: random. */
  seed?: string | undefined
  /** Instances, tags, tokens and seeds survive a restart in this file. */
  stateFile?: string | undefined
  /** Access keys that may sign; default one known key. */
  credentials?: Credentials | undefined
  /** Where instances run; default: the emulator's own machines, local processes. */
  machineRoom?: MachineRoom | undefined
  /** How an agent is started, for example [node, dist/agent.cjs]; needed unless a machine room is given. */
  agentCommand?: string[] | undefined
  agentEnv?: Record<string, string> | undefined
  /** Folder for the machines' own folders; each goes with its instance. */
  stateDir: string
  /** Keeps the folders of released instances; default false. */
  keepFolders?: boolean | undefined
  clockPolicy?: 'immediate' | Partial<ClockPolicy> | undefined
  /** How instances behave that no fault strikes; default a real agent process. */
  defaultBehaviour?: MachineBehaviour | undefined
  /** How long client tokens are remembered; default a day. */
  tokenLifeMs?: number | undefined
  /** How many calls the recorder keeps; default 5,000. */
  recordedCalls?: number | undefined
  /** Put into the cloud at every start and after every reset. */
  initial?: SeedInput | undefined
  /** Keys of the emulated Statuspage; default one that everybody may know. */
  statuspageKeys?: string[] | undefined
  /** Owner account id shown in metadata; default a constant. */
  account?: string | undefined
  /** Lets other machines use the admin plane; default false. */
  remoteAdmin?: boolean | undefined
  /** Milliseconds since the epoch; default the wall clock. */
  wallNow?: (() => number) | undefined
  log?: ((event: { instanceId?: string; message: string }) => void) | undefined
}

/** The key everybody may know: it opens nothing but an emulator on loopback. */
export const DEFAULT_CREDENTIALS = { LTAI5tMusterEmulator: 'emulator-secret-of-nothing' } as const
export const DEFAULT_ACCOUNT = '1234567890123456'
export const DEFAULT_RECORDED_CALLS = 5000
