import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { MachineRoomOptions, MachineSpec } from './contract.ts'
import type { LightAgent } from './light/light-agent.ts'
import type { LightFleet } from './light/fleet.ts'
import type { MetadataServer } from './metadata/server.ts'
import { MACHINE_MARK, ROOM_MARK } from './process/marked.ts'
import { createAgentService } from './process/service.ts'

/** What runs on a machine between power-on and power-off. */
export interface AgentPart {
  stop(options: { force: boolean }): Promise<void>
  /** The cloud has announced that it takes the machine. A real agent reads that from the metadata service. */
  announceReclaim?(at: Date | undefined): void
}

export interface AgentPartOptions {
  spec: MachineSpec
  room: MachineRoomOptions
  roomId: string
  lights: LightFleet
  metadata: MetadataServer | undefined
  onLine: (line: string) => void
}

/** Starts the agent that the machine's behaviour asks for: a process, a simulated one, or none. */
export async function startAgent(options: AgentPartOptions): Promise<AgentPart> {
  switch (options.spec.behaviour.agent) {
    case 'process':
    case 'wrongIdentity':
      return await startProcess(options)
    case 'light':
      return startLight(options)
    case 'mute':
    case 'none':
      return { stop: async () => undefined }
  }
}

async function startProcess({ spec, room, roomId, metadata, onLine }: AgentPartOptions): Promise<AgentPart> {
  const cwd = join(room.stateDir, spec.instanceId)
  await mkdir(cwd, { recursive: true })
  const bootId = randomUUID()
  const service = createAgentService({
    command: room.agentCommand,
    cwd,
    env: {
      ...hostEnvironment(room.stateDir),
      ...room.agentEnv,
      ...(metadata === undefined ? {} : { MUSTER_METADATA_URL: metadata.url }),
      ...(metadata?.localAddress === undefined ? {} : { MUSTER_LOCAL_ADDRESS: metadata.localAddress }),
      MUSTER_BOOT_ID: bootId,
      MUSTER_STATE_DIR: cwd,
      [MACHINE_MARK]: `${spec.instanceId}/${bootId}`,
      [ROOM_MARK]: roomId,
    },
    onLine,
    log: (message) => room.log({ instanceId: spec.instanceId, message }),
  })
  service.start()
  return service
}

/** A machine is a host of its own: of the emulator's environment only what any program needs. */
function hostEnvironment(stateDir: string): Record<string, string> {
  const names = ['PATH', 'SystemRoot', 'TEMP', 'TMPDIR']
  const kept = names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  // Compiled code of the agent, kept for all machines: each start is 2 ms shorter.
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    NODE_COMPILE_CACHE: join(stateDir, 'compile-cache'),
  }
}

function startLight({ spec, lights, room }: AgentPartOptions): AgentPart {
  const agent: LightAgent | undefined = lights.start(spec)
  if (agent === undefined) {
    room.log({
      instanceId: spec.instanceId,
      message: 'no enrollment in the user data: its simulated agent stays silent',
    })
  }
  return {
    stop: async () => {
      if (agent !== undefined) lights.stop(agent)
    },
    announceReclaim(at) {
      if (agent !== undefined) agent.reclaimAt = at?.toISOString()
    },
  }
}
