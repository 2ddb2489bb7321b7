/**
 * An emulator of Alibaba Cloud ECS that works with unmodified clients.
 *
 * Gaps: what the cloud has and this has not.
 * - Other actions than those of docs/emulator-actions.md answer InvalidAction.NotFound, among them everything about
 *   making images, disks, EIPs, key pairs and network interfaces.
 * - Disks and network interfaces follow from their instance, and share its tags, until they outlive it.
 * - Key pairs, RAM roles, resource groups and launch templates are taken in requests but do not exist.
 * - Permissions: every known key may do everything. STS tokens are compared, not issued.
 * - PrePaid instances are made but neither billed nor expired.
 * - The VPC product's own API (2016-04-28), STS and object storage are not served; Statuspage is: statuspage/index.ts.
 *
 * By design: where it differs on purpose.
 * - vSwitches lie in 127.0.0.0/8, so that an instance's private address can be bound on this machine.
 * - Default times are a second or so instead of half a minute; every transition can be set, or advanced by hand.
 * - A client token refused for want of stock stays refused: the cloud tells callers to use a new one.
 * - How long tokens live is not documented; here a day.
 * - Public addresses are from a block kept for documentation: nothing answers there.
 * - A signature is good for 15 minutes of the real time, whatever the emulated clock was moved to.
 * - Not documented, and so our reading: DeleteInstances takes all or none; a rebooting instance is Stopping, then
 *   Starting; an id not visible yet cannot be deleted; some statuses and words of errors, listed in errors.ts.
 *
 * Client quirks: what real clients do, and so works here.
 * - Everything in the query, in the form, or mixed; POST with an empty chunked body; absolute-form targets and CONNECT
 *   from clients behind HTTP_PROXY; True and False; unknown parameters; an empty SecurityToken.
 * - Signature 1.0 without Format gets XML. EipAddress comes before PublicIpAddress, empty objects are present, and
 *   prices have a decimal point.
 */
import { randomUUID } from 'node:crypto'
import { MusterError } from '../domain/errors.ts'
import { admin, ADMIN_PREFIX } from './admin/routes.ts'
import { createAuthenticator } from './authenticate.ts'
import { DEFAULT_CLOCK_POLICY, IMMEDIATE_CLOCK_POLICY } from './clock.ts'
import type { ClockPolicy } from './clock.ts'
import type { Cloud } from './cloud/cloud.ts'
import { DEFAULT_TOKEN_LIFE_MS } from './cloud/tokens.ts'
import { dispatch } from './dispatch.ts'
import type { Outcome } from './dispatch.ts'
import { createEngine } from './engine.ts'
import type { Engine, EngineOptions } from './engine.ts'
import type { MachineRoom } from './machines/contract.ts'
import { createMachineRoom } from './machines/index.ts'
import { DEFAULT_ACCOUNT, DEFAULT_CREDENTIALS, DEFAULT_RECORDED_CALLS } from './options.ts'
import type { EmulatorOptions } from './options.ts'
import type { Recorder } from './recorder.ts'
import { header } from './request.ts'
import type { ApiRequest } from './request.ts'
import { listen } from './server.ts'
import { noStateFile, openStateFile } from './state-file.ts'
import { DEFAULT_STATUSPAGE_KEY, STATUSPAGE_PREFIX } from './statuspage/index.ts'
import type { PageState } from './statuspage/state.ts'

export type { EmulatorOptions } from './options.ts'
export type { FaultInput } from './faults/schema.ts'
export type { RecordedCall } from './recorder.ts'

export interface Emulator {
  /** http://host:port */
  readonly url: string
  /** host:port, as the SDK's `endpoint` wants it, with `protocol: 'http'`. */
  readonly endpoint: string
  readonly adminUrl: string
  /** The first key that may sign. */
  readonly credentials: { accessKeyId: string; accessKeySecret: string }
  /** The cloud's inside, for tests: after a reset another one. */
  readonly cloud: Cloud
  readonly recorder: Recorder
  /** The emulated Statuspage: where its API is, a key, and what its pages show; after a reset another one. */
  readonly statuspage: { endpoint: string; key: string; state: PageState }
  readonly seed: Engine['seed']
  readonly addFault: Engine['addFault']
  readonly setClock: Engine['setClock']
  /** Begins again with an empty cloud. */
  reset(): Promise<void>
  /** Ends the server and every machine; a state file keeps what lived. */
  close(): Promise<void>
}

/**
 * Starts an emulated cloud.
 *
 * @throws MusterError when the port cannot be had, the state file cannot be read, or there is neither a machine room
 * nor an agent command.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const credentials = options.credentials ?? DEFAULT_CREDENTIALS
  const wallNow = options.wallNow ?? Date.now
  const room = options.machineRoom ?? ownRoom(options)
  const engineOptions = engineOptionsOf(options, room, wallNow)
  const { stateFile } = engineOptions
  let engine = createEngine(engineOptions, stateFile.saved)
  // A restarted cloud was seeded in its former life.
  if (options.initial !== undefined && stateFile.saved.seeds.length === 0) engine.seed(options.initial)

  async function reset(): Promise<void> {
    await engine.dispose()
    stateFile.clear()
    engine = createEngine(engineOptions, noStateFile().saved)
    if (options.initial !== undefined) engine.seed(options.initial)
  }
  const authenticator = createAuthenticator(credentials, wallNow)
  const adminContext = { engine: () => engine, reset, allowRemote: options.remoteAdmin ?? false }
  async function handle(request: ApiRequest): Promise<Outcome> {
    if (request.path.startsWith(ADMIN_PREFIX))
      return { kind: 'reply', reply: await admin(adminContext, request) }
    if (request.path.startsWith(STATUSPAGE_PREFIX)) return engine.statuspage.dispatch(request)
    if (isBrowser(request)) return { kind: 'reply', reply: redirectToAdmin() }
    return dispatch({ engine, authenticator, wallNow, log: engineOptions.log }, request)
  }
  const server = await listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 }, handle)
  const host = server.host.includes(':') ? `[${server.host}]` : server.host
  const endpoint = `${host}:${server.port}`
  return {
    url: `http://${endpoint}`,
    endpoint,
    adminUrl: `http://${endpoint}${ADMIN_PREFIX}`,
    credentials: firstKey(credentials),
    get cloud() {
      return engine.cloud
    },
    get recorder() {
      return engine.recorder
    },
    get statuspage() {
      const [key = ''] = engineOptions.statuspageKeys
      return { endpoint: `http://${endpoint}/v1`, key, state: engine.statuspage.state }
    },
    seed: (input) => engine.seed(input),
    addFault: (input) => engine.addFault(input),
    setClock: (input) => engine.setClock(input),
    reset,
    async close() {
      await server.close()
      await engine.dispose()
      await room.close()
      stateFile.flush()
    },
  }
}

function engineOptionsOf(options: EmulatorOptions, room: MachineRoom, wallNow: () => number): EngineOptions {
  return {
    seed: options.seed ?? randomUUID(),
    ownerAccountId: options.account ?? DEFAULT_ACCOUNT,
    room,
    stateFile: options.stateFile === undefined ? noStateFile() : openStateFile(options.stateFile),
    policy: policyOf(options.clockPolicy),
    behaviour: options.defaultBehaviour ?? { agent: 'process' },
    tokenLifeMs: options.tokenLifeMs ?? DEFAULT_TOKEN_LIFE_MS,
    recordedCalls: options.recordedCalls ?? DEFAULT_RECORDED_CALLS,
    statuspageKeys: options.statuspageKeys ?? [DEFAULT_STATUSPAGE_KEY],
    wallNow,
    log: options.log ?? (() => undefined),
  }
}

function policyOf(policy: EmulatorOptions['clockPolicy']): ClockPolicy {
  if (policy === 'immediate') return IMMEDIATE_CLOCK_POLICY
  return { ...DEFAULT_CLOCK_POLICY, ...policy }
}

function ownRoom(options: EmulatorOptions): MachineRoom {
  if (options.agentCommand === undefined) {
    throw new MusterError(
      'bad_config',
      'The emulator needs agentCommand, for example [node, dist/agent.cjs], or a machineRoom of your own.',
    )
  }
  return createMachineRoom({
    agentCommand: options.agentCommand,
    stateDir: options.stateDir,
    keepFolders: options.keepFolders ?? false,
    ...(options.agentEnv === undefined ? {} : { agentEnv: options.agentEnv }),
    log: options.log ?? (() => undefined),
  })
}

function firstKey(credentials: NonNullable<EmulatorOptions['credentials']>): Emulator['credentials'] {
  const [first] = Object.entries(credentials)
  if (first === undefined)
    throw new MusterError('bad_config', 'The emulator needs at least one access key in credentials.')
  const [accessKeyId, credential] = first
  return { accessKeyId, accessKeySecret: typeof credential === 'string' ? credential : credential.secret }
}

/** A person who opened the address in a browser wants the page. */
function isBrowser(request: ApiRequest): boolean {
  return (
    request.method === 'GET' &&
    request.query.length === 0 &&
    request.headers.some(([name]) => name.toLowerCase() === 'accept') &&
    (header(request, 'accept') ?? '').includes('text/html')
  )
}

function redirectToAdmin() {
  return { status: 302, contentType: 'text/plain', headers: { location: ADMIN_PREFIX }, body: ADMIN_PREFIX }
}
