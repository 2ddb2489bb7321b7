import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { bundleAgent } from '../../scripts/agent-bundle.ts'
import { isAlive } from '../../agent/testing/run-bundle.ts'
import { startTestServer, until } from '../../agent/testing/test-api.ts'
import type { Reply, Seen, TestServer } from '../../agent/testing/test-api.ts'
import { createMachineRoom } from './index.ts'
import type { MachineRoom, MachineSpec } from './index.ts'
import { findMarked, ROOM_MARK } from './process/marked.ts'
import { testSpec, testUserData } from './testing.ts'
import { tempFolder } from '../testing/temp-folder.ts'

let bundle = ''
beforeAll(async () => {
  bundle = join(tempFolder('agent-bundle'), 'agent.cjs')
  await bundleAgent(bundle)
})

const rooms: MachineRoom[] = []
const servers: TestServer[] = []
afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close()
  for (const server of servers.splice(0)) await server.close()
})

const STARTED = '/v1/agent/started'
const BEAT = '/v1/agent/heartbeat'

async function serve(reply: (seen: Seen) => Reply): Promise<TestServer> {
  const server = await startTestServer(reply)
  servers.push(server)
  return server
}

const acceptingApi = (started: Record<string, unknown> = {}) =>
  serve(({ path }) => {
    if (path === STARTED) return { status: 202, body: { heartbeatSeconds: 0.05, files: [], ...started } }
    return { status: 200, body: { commands: [] } }
  })

function openRoom(agentCommand = [process.execPath, bundle], agentEnv: Record<string, string> = {}) {
  const logged: string[] = []
  const stateDir = tempFolder('machines')
  const room = createMachineRoom({
    agentCommand,
    stateDir,
    agentEnv,
    log: ({ message }) => logged.push(message),
  })
  rooms.push(room)
  const boot = async (changes: Partial<MachineSpec>) => {
    const spec = testSpec(changes)
    const machine = room.create(spec)
    await machine.start()
    return { spec, machine }
  }
  return { room, logged, stateDir, boot }
}

function script(text: string): string[] {
  const file = join(tempFolder('machines'), 'agent.cjs')
  writeFileSync(file, text)
  return [process.execPath, file]
}

const workload = {
  // Leaves its session and its parent: only its environment still tells whose it is.
  command: ['sh', '-c', 'setsid sh -c "exec sleep 600" & exec sleep 600'],
  stopTimeoutMs: 1_000,
  restart: 'always',
}
const processesOf = (spec: MachineSpec, bootId: unknown) =>
  findMarked('MUSTER_MACHINE', `${spec.instanceId}/${String(bootId)}`)

test.each([false, true])(
  'its folder goes when it is discarded, unless it is to be kept: %s',
  async (keepFolders) => {
    const stateDir = tempFolder('machines')
    const agentCommand = script('setInterval(() => {}, 1000)')
    const room = createMachineRoom({ agentCommand, stateDir, keepFolders, log: () => undefined })
    rooms.push(room)
    const spec = testSpec()
    const machine = room.create(spec)
    await machine.start()
    expect(existsSync(join(stateDir, spec.instanceId))).toBe(true)
    await machine.stop({ force: true })
    await machine.discard()
    expect(existsSync(join(stateDir, spec.instanceId))).toBe(keepFolders)
  },
)

describe('a machine with a real agent', () => {
  test('starts it from its own address, with what the metadata service says', async () => {
    const api = await acceptingApi()
    const { spec, machine } = await openRoom().boot({ userData: testUserData(api.url) })
    await until('started', () => api.of(STARTED).length > 0)
    expect(api.of(STARTED)[0]).toMatchObject({
      remoteAddress: spec.privateIp,
      body: { facts: { instanceId: spec.instanceId, mac: spec.mac, privateIp: spec.privateIp } },
    })
    expect(new URL(machine.metadataUrl).hostname).toBe(spec.privateIp)
    await until('the console shows the agent', () => machine.consoleOutput().includes('"message":"started"'))
    expect(machine.consoleOutput()).toContain('Started Muster agent.')
  })

  test('of a hardened instance starts as well', async () => {
    const api = await acceptingApi()
    const metadata = { httpEndpoint: 'enabled', httpTokens: 'required' } as const
    await openRoom().boot({ userData: testUserData(api.url), metadata })
    await until('started', () => api.of(STARTED).length > 0)
    expect(api.of(STARTED)).toHaveLength(1)
  })

  test.each([true, false])('leaves no process when it is powered off (force: %s)', async (force) => {
    const api = await acceptingApi({ workload })
    const { spec, machine } = await openRoom().boot({ userData: testUserData(api.url) })
    await until('started', () => api.of(STARTED).length > 0)
    const bootId = api.of(STARTED)[0]?.body['bootId']
    await until('agent, workload and what that left behind', () => processesOf(spec, bootId).length >= 3)
    const before = processesOf(spec, bootId)
    await machine.stop({ force })
    expect(processesOf(spec, bootId)).toEqual([])
    expect(before.filter(isAlive)).toEqual([])
    expect(machine.metadataUrl).toBe('')
    // Only an orderly power-off lets the agent say that its workload has ended.
    const states = api.of(BEAT).map((one) => (one.body['workload'] as { state: string }).state)
    expect(states.includes('stopped')).toBe(!force)
  })

  test('has a new boot id after a reboot and after a stop and start, and keeps its state folder', async () => {
    const api = await acceptingApi()
    const { machine } = await openRoom().boot({ userData: testUserData(api.url) })
    const bootIds = () => new Set(api.of(STARTED).map((one) => one.body['bootId'])).size
    await until('the first boot', () => bootIds() === 1)
    await machine.reboot({ force: true })
    await until('the second boot', () => bootIds() === 2)
    await machine.stop({ force: false })
    await machine.start()
    await until('the third boot', () => bootIds() === 3)
    expect(machine.consoleOutput().match(/Linux version/g)).toHaveLength(1)
  })

  test('has it restarted after a failure, as its image’s service would, and not after exit code 0', async () => {
    const failing = script('console.log("run"); process.exit(3)')
    const { machine } = await openRoom(failing).boot({})
    const runs = (text: string) => text.match(/muster-agent: run/g)?.length ?? 0
    await until('a second run', () => runs(machine.consoleOutput()) >= 2)
    expect(machine.consoleOutput()).toContain('status=3')

    const done = await openRoom(script('console.log("run")')).boot({})
    await until('the end', () => done.machine.consoleOutput().includes('status=0'))
    expect(done.machine.consoleOutput()).not.toContain('scheduled restart')
  })

  test('keeps the last 64 KiB of its console', async () => {
    const chatty = script('for (let n = 0; n < 3000; n += 1) console.log("line " + n + " " + "x".repeat(50))')
    const { machine } = await openRoom(chatty).boot({})
    await until('the last line', () => machine.consoleOutput().includes('line 2999'))
    expect(machine.consoleOutput().length).toBe(64 * 1024)
    expect(machine.consoleOutput()).not.toContain('line 10 ')
  })

  test('whose agent cannot be started is said, and can be powered off', async () => {
    const { logged, boot } = openRoom(['/no/such/agent'])
    const { machine } = await boot({})
    await until('the log', () => logged.length > 0)
    expect(logged[0]).toContain('cannot be started')
    await machine.stop({ force: false })
  })

  test('takes orders one after another', async () => {
    const api = await acceptingApi()
    const { machine } = await openRoom().boot({ userData: testUserData(api.url) })
    await Promise.all([
      machine.reboot({ force: true }),
      machine.stop({ force: true }),
      machine.start(),
      machine.start(),
    ])
    await until('the last boot speaks', () => api.of(STARTED).length > 0)
    expect(machine.metadataUrl).not.toBe('')
  })

  test('sees the spot notice', async () => {
    const { machine } = await openRoom(script('setInterval(() => {}, 1000)')).boot({})
    machine.setSpotTermination(new Date('2026-01-01T00:05:00Z'))
    const answer = await fetch(`${machine.metadataUrl}/latest/meta-data/instance/spot/termination-time`)
    expect(await answer.text()).toBe('2026-01-01T00:05:00Z')
  })
})

test('a wrong identity: the agent says another instance’s id', async () => {
  const api = await acceptingApi()
  const { spec } = await openRoom().boot({
    userData: testUserData(api.url),
    behaviour: { agent: 'wrongIdentity' },
  })
  await until('started', () => api.of(STARTED).length > 0)
  const facts = api.of(STARTED)[0]?.body['facts'] as { instanceId: string } | undefined
  const instanceId = facts?.instanceId
  expect(instanceId).not.toBe(spec.instanceId)
  expect(instanceId).toHaveLength(spec.instanceId.length)
})

test('a mute machine boots, shows where it hangs, and never speaks', async () => {
  const api = await acceptingApi()
  const { machine } = await openRoom().boot({ userData: testUserData(api.url), behaviour: { agent: 'mute' } })
  expect(machine.consoleOutput()).toContain('muster-agent.service: waiting for network-online.target')
  expect(machine.consoleOutput()).not.toContain('Started Muster agent')
  expect(machine.metadataUrl).toBe('')
  await machine.stop({ force: false })
  expect(api.seen).toEqual([])
})

test('the console of a machine that never ran is empty, of Windows it speaks SAC', async () => {
  const { room, boot } = openRoom()
  expect(room.create(testSpec()).consoleOutput()).toBe('')
  const { machine } = await boot({ os: 'windows', behaviour: { agent: 'none' } })
  expect(machine.consoleOutput()).toContain('SAC>')
})

describe('a room', () => {
  test('leaves nothing when it is closed', async () => {
    const api = await acceptingApi({ workload })
    const { room, boot } = openRoom()
    const machines = await Promise.all([1, 2, 3].map(() => boot({ userData: testUserData(api.url) })))
    await until('all started', () => api.of(STARTED).length >= 3)
    const bootIds = api.of(STARTED).map((one) => one.body['bootId'])
    await room.close()
    expect(machines.flatMap(({ spec }) => bootIds.flatMap((bootId) => processesOf(spec, bootId)))).toEqual([])
    expect(machines.map(({ machine }) => machine.metadataUrl)).toEqual(['', '', ''])
  })

  test.runIf(process.platform === 'linux')(
    'leaves nothing when the emulator’s process is killed',
    async () => {
      const spec = testSpec()
      const program = script('')[1] ?? ''
      const file = program.replace(/\.cjs$/, '.ts')
      writeFileSync(
        file,
        `import { createMachineRoom } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
      const agentCommand = [process.execPath, '-e', 'setInterval(() => {}, 1000)']
      const room = createMachineRoom({ agentCommand, stateDir: ${JSON.stringify(tempFolder('machines'))}, log: () => undefined })
      await room.create(${JSON.stringify(spec)}).start()
      console.log('on')
      setInterval(() => undefined, 1000)`,
      )
      const emulator = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      emulator.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
      await until('the machine is on', () => said.includes('on'))
      const agents = childrenOf(emulator.pid ?? 0).filter((pid) => roomOf(pid) !== undefined)
      expect(agents).toHaveLength(1)
      emulator.kill('SIGKILL')
      await until('the agent is gone', () => !agents.some(isAlive))
      expect(agents.some(isAlive)).toBe(false)
    },
  )
})

function childrenOf(pid: number): number[] {
  return readProc(`/proc/${pid}/task/${pid}/children`).trim().split(' ').map(Number)
}

function roomOf(pid: number): string | undefined {
  return readProc(`/proc/${pid}/environ`)
    .split('\0')
    .find((entry) => entry.startsWith(`${ROOM_MARK}=`))
}

function readProc(file: string): string {
  return readFileSync(file, 'utf8')
}
