import { describe, expect, it } from 'vitest'
import { specForTests } from '../testing/specs.ts'
import { decide } from './decide.ts'
import type { Happening, HostMachineEvent } from './events.ts'
import { recordOf } from './record.ts'
import { newHostState } from './state.ts'
import type { HostState } from './types.ts'

const HOST = 'render/00001'
const START = 1_700_000_000_000
const about = { generation: 'g', attempt: 1 }
const asked = { by: 'test', why: 'to see' }

function say(state: HostState, at: number, event: Happening): HostState {
  return decide(state, { ...event, at } as HostMachineEvent)
}

/** Ready since START. */
function readyHost(): HostState {
  const placement = { zone: 'cn-hangzhou-h', vSwitchId: 'vsw-h', instanceType: 'ecs.c7.large', spot: {} }
  const events: Happening[] = [
    { type: 'planned', placement },
    { type: 'launched', instanceId: 'i-1' },
    { type: 'running', privateIp: '10.0.0.1' },
  ]
  const first = newHostState({ host: HOST, specHash: 'a', spec: specForTests() }, 'g', START)
  const booting = events.reduce((state, event) => say(state, START, event), first)
  return { ...booting, phase: 'ready', step: 'watch', readyAt: START }
}

describe('a host whose instance the cloud takes', () => {
  const notice = (inMs: number): Happening => ({
    type: 'reclaimNotice',
    signal: { ...about, reason: 'spot', inMs },
  })

  it('says when, until the attempt has ended', () => {
    const told = say(readyHost(), START, notice(300_000))
    expect(recordOf(HOST, told, START)).toMatchObject({ phase: 'draining', reclaimAt: START + 300_000 })
    const ended = say(say(told, START + 1, { type: 'drained', signal: about }), START + 2, { type: 'gone' })
    expect(ended.current.n).toBe(2)
    expect(recordOf(HOST, ended, START + 2).reclaimAt).toBeUndefined()
  })

  it('begins anew at once when it still boots, which is no failed boot', () => {
    const { readyAt: _never, ...rest } = readyHost()
    const booting: HostState = { ...rest, phase: 'booting', step: 'awaitStarted' }
    const told = say(booting, START, notice(300_000))
    expect(told).toMatchObject({ phase: 'deleting', current: { outcome: 'replaced' } })
    const next = say(told, START + 1, { type: 'gone' })
    expect(next).toMatchObject({ phase: 'launching', step: 'plan', failures: 0, current: { n: 2 } })
    expect(next.wish).toBeUndefined()
  })

  it('is waited for while its launch has not answered, and then begins anew', () => {
    const first = newHostState({ host: HOST, specHash: 'a', spec: specForTests() }, 'g', START)
    const placement = { zone: 'cn-hangzhou-h', vSwitchId: 'vsw-h', instanceType: 'ecs.c7.large', spot: {} }
    const launching = say(first, START, { type: 'planned', placement })
    const told = say(launching, START + 1, notice(300_000))
    expect(told).toMatchObject({ phase: 'launching', step: 'launch' })
    expect(say(told, START + 2, notice(299_000)), 'said with every beat, it is no news').toBe(told)
    const launched = say(told, START + 2, { type: 'launched', instanceId: 'i-1' })
    expect(launched).toMatchObject({ phase: 'deleting', current: { outcome: 'replaced', instanceId: 'i-1' } })
  })

  it('is one that was bought as spot: of another the word of its agent is nothing', () => {
    const { current, ...rest } = readyHost()
    const { placement } = current
    if (placement) delete (placement as { spot?: object }).spot
    const onDemand = { ...rest, current: { ...current, ...(placement && { placement }) } }
    expect(say(onDemand, START, notice(300_000))).toBe(onDemand)
  })

  it('drains faster when it drained already', () => {
    const hours = { ...readyHost(), spec: specForTests({ drainTimeoutMs: 4 * 3_600_000 }) }
    const draining = say(say(hours, START, { type: 'drain', request: asked }), START, { type: 'drainTold' })
    expect(draining).toMatchObject({ step: 'awaitDrained', drainUntil: START + 4 * 3_600_000 })
    const told = say(draining, START + 1, notice(300_000))
    expect(told).toMatchObject({
      step: 'awaitDrained',
      drainUntil: START + 1 + 240_000,
      reclaimAt: START + 300_001,
    })
    expect(told.stepNo).toBe(draining.stepNo + 1)
    const nearlyDone = { ...draining, drainUntil: START + 2_000 }
    expect(say(nearlyDone, START + 1, notice(300_000)).drainUntil).toBe(START + 2_000)
  })

  it('takes the first of several notices', () => {
    const told = say(readyHost(), START, notice(300_000))
    expect(say(told, START + 10_000, notice(300_000)).reclaimAt).toBe(START + 300_000)
  })

  it('ends for good when it is retired meanwhile', () => {
    const told = say(readyHost(), START, notice(300_000))
    const retired = say(told, START + 1, { type: 'retire', request: asked })
    expect(retired.phase).toBe('draining')
    const gone = say(say(retired, START + 2, { type: 'drained', signal: about }), START + 3, { type: 'gone' })
    expect(gone).toMatchObject({ phase: 'retired', step: 'end' })
  })
})

describe('a new way to the API', () => {
  const api = { url: 'http://10.0.0.9:8080', keyId: 'k2' }

  it('is kept for launches to come, though the spec stays', () => {
    const spec = specForTests()
    const before = readyHost()
    const told = say(before, START, { type: 'applySpec', request: { ...asked, hash: 'a', spec, api } })
    expect(told.api).toEqual(api)
    expect(told.events).toEqual(before.events)
  })

  it('comes with a replacement', () => {
    expect(say(readyHost(), START, { type: 'replace', request: { ...asked, api } }).api).toEqual(api)
  })
})
