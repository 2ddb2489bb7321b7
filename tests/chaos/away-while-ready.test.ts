import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HostState } from '../../domain/host/types.ts'
import type { HostId } from '../../domain/ids.ts'
import { startHosts, stateOf, untilState } from '../support/fleet-of-hosts.ts'
import type { Part } from '../support/part.ts'
import { createProcesses, type Processes } from '../support/processes.ts'
import { expectWhole } from '../support/whole-cloud.ts'

const SLOTS = Array.from({ length: 10 }, (_, index) => index + 1)
const HEARTBEAT_TIMEOUT_MS = 3_000
const SPEC = { heartbeatSeconds: 1, heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS, silentGraceMs: 6_000 }

describe('ten ready hosts', () => {
  let world: Processes
  let worker: Part
  let hosts: HostId[]
  beforeAll(async () => {
    world = await createProcesses()
    worker = world.worker()
    await worker.start()
    hosts = await startHosts(world, SLOTS, SPEC)
    await expectWhole(world, hosts)
  })
  afterAll(() => world?.close())

  it('temporal', async () => {
    const t0 = performance.now()
    await world.temporal.kill()
    await sleep(9000)
    await world.temporal.start()
    console.error('back', performance.now() - t0)
    for (let i = 0; i < 40; i++) {
      const states = await Promise.all(hosts.map((h) => stateOf(world, h)))
      console.error(Math.round(performance.now() - t0), states.map((s) => s ? `${s.phase}/${s.step}/${s.current.n}` : '-').join(' '))
      await sleep(500)
    }
    await expectWhole(world, hosts)
  })
  it('api', async () => {
    const t0 = performance.now()
    await world.apis[0]!.kill()
    for (let i = 0; i < 40; i++) {
      if (i === 28) await world.apis[0]!.start()
      const states = await Promise.all(hosts.map((h) => stateOf(world, h)))
      console.error(Math.round(performance.now() - t0), states.map((s) => s ? `${s.phase}/${s.step}/${s.current.n}` : '-').join(' '))
      await sleep(500)
    }
    await expectWhole(world, hosts)
  })
})
