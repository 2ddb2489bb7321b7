import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startEmulator } from './index.ts'
import { Ecs, GOOD_LAUNCH, sdkClient, until } from './testing/sdk.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-emulator-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Stands for an agent: reads who it is from the metadata service, says so on the console, and stays. */
const AGENT = `
const { get } = require('node:http')
get(process.env.MUSTER_METADATA_URL + '/latest/meta-data/instance-id', (answer) => {
  answer.on('data', (id) => console.log('I am ' + id))
})
setInterval(() => {}, 1000)
`

describe('real machines', () => {
  test('an instance is a process that learns from its metadata service who it is, and ends with the instance', async () => {
    writeFileSync(join(folder, 'agent.cjs'), AGENT)
    const emulator = await startEmulator({
      stateDir: join(folder, 'machines'),
      agentCommand: [process.execPath, join(folder, 'agent.cjs')],
      clockPolicy: 'immediate',
    })
    try {
      const client = sdkClient(emulator)
      const made = await client.runInstances(new Ecs.RunInstancesRequest({ ...GOOD_LAUNCH, amount: 2 }))
      for (const instanceId of made.body!.instanceIdSets!.instanceIdSet!) {
        const asked = { regionId: 'cn-hangzhou', instanceId }
        const output = async (): Promise<string> => {
          const shown = await client.getInstanceConsoleOutput(new Ecs.GetInstanceConsoleOutputRequest(asked))
          return Buffer.from(shown.body!.consoleOutput!, 'base64').toString()
        }
        await until(
          async () => (await output()).includes(`I am ${instanceId}`),
          'agent on the console',
          15_000,
        )
        const screen = await client.getInstanceScreenshot(new Ecs.GetInstanceScreenshotRequest(asked))
        expect(screen.body!.screenshot!.length).toBeGreaterThan(50)
        const metadata = emulator.cloud.power.machine(instanceId)!.metadataUrl
        await client.deleteInstance(new Ecs.DeleteInstanceRequest({ instanceId, force: true }))
        await until(() => emulator.cloud.instances.get(instanceId) === undefined, 'instance gone', 10_000)
        await expect(fetch(`${metadata}/latest/meta-data/instance-id`)).rejects.toThrow()
        expect(existsSync(join(folder, 'machines', instanceId))).toBe(false)
      }
    } finally {
      await emulator.close()
    }
  })

  test('without an agent command the reader is told what to give', async () => {
    await expect(startEmulator({ stateDir: folder })).rejects.toThrow(/agentCommand/)
  })
})

describe('as a process of its own', () => {
  function run(...flags: string[]) {
    return spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        MUSTER_EMULATOR_AGENT: 'none',
        MUSTER_EMULATOR_STATE_DIR: join(folder, 'machines'),
      },
    })
  }

  test('it says in one JSON line where it is, takes its seed file, and ends on SIGTERM', async () => {
    writeFileSync(
      join(folder, 'seed.json'),
      JSON.stringify({ stock: [{ zoneId: 'cn-hangzhou-g', instanceType: 'ecs.c7.large', available: 1 }] }),
    )
    const child = run(
      '--clock',
      'immediate',
      '--access-key',
      'AK',
      '--access-secret',
      'SK',
      '--seed-file',
      join(folder, 'seed.json'),
    )
    const ended = once(child, 'exit')
    try {
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
      const ready = JSON.parse(line) as {
        ready: boolean
        endpoint: string
        adminUrl: string
        accessKeyId: string
      }
      expect(ready).toMatchObject({ ready: true, accessKeyId: 'AK' })
      const client = new Ecs.default({
        accessKeyId: 'AK',
        accessKeySecret: 'SK',
        endpoint: ready.endpoint,
        protocol: 'http',
        regionId: 'cn-hangzhou',
      } as ConstructorParameters<typeof Ecs.default>[0])
      await client.runInstances(new Ecs.RunInstancesRequest(GOOD_LAUNCH))
      const again = client.runInstances(new Ecs.RunInstancesRequest(GOOD_LAUNCH))
      await expect(again).rejects.toMatchObject({ code: 'OperationDenied.NoStock' })
      const state = (await (await fetch(`${ready.adminUrl}state`)).json()) as { instances: object[] }
      expect(state.instances).toHaveLength(1)
    } finally {
      child.kill('SIGTERM')
    }
    expect(await ended).toEqual([0, null])
  })

  test.each([
    [['--colour', 'red'], /--colour.*--help/s],
    [['--port', 'http'], /--port http is not a port/],
    [['--access-key', 'AK'], /belong together/],
    [['--agent', 'loud'], /--agent loud is unknown/],
    [['--seed-file', 'nowhere.json'], /no seed file nowhere\.json/],
  ])('%j is refused with what to do', async (flags, message) => {
    const child = run(...flags)
    let said = ''
    child.stderr.on('data', (text: Buffer) => (said += text.toString()))
    expect(await once(child, 'close')).toEqual([1, null])
    expect(said).toMatch(message)
    expect(said).not.toMatch(/\n\s+at /)
  })
})
