import { CancelledFailure, WorkflowFailedError } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentOf } from '../support/hand-agent.ts'
import { createWorld, type World } from '../support/world.ts'
import { waitFor } from '../../cli/wait-for.ts'
import type { HostStep } from '../../domain/host/types.ts'
import { HOST_UPDATES } from '../../domain/messages.ts'
import type { FaultInput } from '../../emulator/index.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev', agents: 'none' })
})
afterAll(() => world?.close())

const fault = (host: string, action: string, effect: FaultInput['effect'], count?: number) =>
  world.emulator.addFault({ action, match: { host }, effect, ...(count !== undefined && { count }) })

/** Ends as cancelled and leaves nothing, however far it had come. */
async function endsCancelled(host: string): Promise<void> {
  const error = await world
    .handle(host)
    .result()
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(WorkflowFailedError)
  expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure)
  expect((await world.handle(host).describe()).status.name).toBe('CANCELLED')
  expect(world.instances().filter((instance) => instance.host === host)).toEqual([])
  expect(world.live.most(host)).toBeLessThanOrEqual(1)
  expect(await world.store.hosts.get(host)).toMatchObject({ phase: 'retired' })
}

async function ready(host: string, heartbeatTimeoutMs = 120_000): Promise<void> {
  await world.startHost(host, { heartbeatTimeoutMs, silentGraceMs: 60_000 })
  await world.until(host, 'booting')
  const agent = await agentOf(world, host)
  await agent.started()
  await world.when(host, 'to watch', ({ step }) => step === 'watch')
}

const at = (host: string, step: HostStep) =>
  world.when(host, `to be at ${step}`, (state) => state.step === step)

/** How a host comes to a step and stays there for the moment that a cancel needs. */
const WAYS: [string, (host: string) => Promise<unknown>][] = [
  [
    'booting',
    async (host) => {
      await world.startHost(host)
      await at(host, 'awaitStarted')
    },
  ],
  [
    'waiting for its instance to run',
    async (host) => {
      fault(host, '*', { type: 'lateIp', seconds: 30 })
      await world.startHost(host)
      await at(host, 'awaitRunning')
    },
  ],
  [
    'waiting after a refusal',
    async (host) => {
      fault(host, 'RunInstances', { type: 'error', code: 'Forbidden.RAM', httpStatus: 403 }, 1)
      await world.startHost(host)
      await at(host, 'wait')
    },
  ],
  [
    'looking for an unclear instance',
    async (host) => {
      fault(host, 'RunInstances', { type: 'error', code: 'IdempotentParameterMismatch' }, 1)
      await world.startHost(host)
      await at(host, 'lookupPause')
      await world.handle(host).cancel()
      await world.skipHost(host, 61_000)
    },
  ],
  ['ready', ready],
  [
    'silent',
    async (host) => {
      await ready(host, 1_000)
      await at(host, 'grace')
    },
  ],
  [
    'draining',
    async (host) => {
      await ready(host)
      await world.handle(host).executeUpdate(HOST_UPDATES.drain, { args: [{ by: 'test', why: 'to see' }] })
      await at(host, 'awaitDrained')
    },
  ],
  [
    'being deleted',
    async (host) => {
      fault(host, 'DeleteInstances', { type: 'error', code: 'IncorrectInstanceStatus' }, 4)
      await world.startHost(host, { bootTimeoutMs: 500 })
      await at(host, 'delete')
    },
  ],
]

describe.concurrent('a cancelled host', () => {
  it('waits for the answer of its launch, deletes what it made, and ends as cancelled', async () => {
    const host = 'launching/00001'
    fault(host, 'RunInstances', { type: 'hang', when: 'after' }, 1)
    await world.startHost(host)
    await waitFor('the launch to be made', () => world.live.made(host) > 0)
    await world.handle(host).cancel()
    const cancelled = await world.when(host, 'to know of the cancel', (state) => state.cancelled)
    expect(cancelled.step).toBe('launch')
    await endsCancelled(host)
    const lines = (await world.journal(host)).map((line) => line.split(':')[0])
    expect(lines.indexOf('launched')).toBeGreaterThan(lines.indexOf('wish'))
    expect(lines.at(-1)).toBe('retired')
  })

  it.each(WAYS.map(([phase, come], i) => ({ phase, come, host: `cancelled/0000${i + 1}` })))(
    'leaves no instance when it was $phase',
    async ({ come, host }) => {
      await come(host)
      await world.handle(host).cancel()
      await endsCancelled(host)
      expect(await world.journal(host)).toContain('retired: cancelled')
    },
  )

  it('incident 20: a cancel of a host that has ended changes nothing', async () => {
    const host = 'ended/00001'
    await world.startHost(host)
    await at(host, 'awaitStarted')
    await world.handle(host).executeUpdate(HOST_UPDATES.retire, {
      args: [{ by: 'test', why: 'seen', drain: false }],
    })
    const result = await world.handle(host).result()
    const before = await world.handle(host).describe()
    const answer = await world
      .handle(host)
      .cancel()
      .then(() => 'taken', String)
    expect(answer).toMatch(/taken|already completed|not found/i)
    const after = await world.handle(host).describe()
    expect(after).toMatchObject({ status: { name: 'COMPLETED' }, historyLength: before.historyLength })
    expect(await world.handle(host).result()).toEqual(result)
  })

  it('incident 20: is cancelled twice as once', async () => {
    const host = 'twice/00001'
    await ready(host)
    await world.handle(host).cancel()
    await world
      .handle(host)
      .cancel()
      .catch(() => undefined)
    await endsCancelled(host)
    expect(
      (await world.journal(host)).filter((line) => line === 'wish: the workflow was cancelled'),
    ).toHaveLength(1)
  })
})
