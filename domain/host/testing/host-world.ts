import { expect } from 'vitest'
import { specForTests } from '../../testing/specs.ts'
import { decide } from '../decide.ts'
import type { Happening, HostMachineEvent } from '../events.ts'
import { newHostState } from '../state.ts'
import type { HostPhase, HostState, HostStep } from '../types.ts'
import { isReboot, isReclaim } from './told.ts'

const PHASES_OF: Record<HostStep, HostPhase[]> = {
  plan: ['launching'],
  wait: ['waiting'],
  launch: ['launching'],
  lookup: ['launching'],
  lookupPause: ['launching'],
  awaitRunning: ['booting'],
  awaitStarted: ['booting'],
  becomeReady: ['ready'],
  watch: ['ready'],
  inspect: ['silent', 'ready'],
  grace: ['silent'],
  judge: ['silent'],
  judgePause: ['silent'],
  tellDrain: ['draining'],
  awaitDrained: ['draining'],
  evidence: ['deleting'],
  preserve: ['deleting'],
  delete: ['deleting'],
  end: ['retired'],
}

export const HOST = 'render/00007'
const GENERATION = 'a1b2c3d4e5'
/** Spot: the cloud may take it back. */
export const PLACEMENT = { zone: 'cn-hangzhou-h', vSwitchId: 'vsw-h', instanceType: 'ecs.c7.large', spot: {} }

interface Instance {
  id: string
  attempt: number
  live: boolean
  preserved: boolean
}

export type Saw = (before: HostState, event: Happening, world: World) => void

/** The world around one host: what the cloud really has, whatever the host is told of it. */
export class World {
  now = 1_700_000_000_000
  instances: Instance[] = []
  state: HostState
  private readonly saw: Saw

  constructor(preserveFailedMs: number, saw: Saw = () => {}) {
    this.saw = saw
    const spec = specForTests({ preserveFailedMs })
    this.state = newHostState({ host: HOST, specHash: 'abc', spec }, GENERATION, this.now)
  }

  say(event: Happening): void {
    this.now += 1000
    const before = this.state
    this.state = decide(before, { ...event, at: this.now } as HostMachineEvent)
    this.saw(before, event, this)
    this.check(before, event)
  }

  make(): string {
    const { n, launch } = this.state.current
    const id = `i-${n}-${launch}`
    if (!this.instances.some((instance) => instance.id === id)) {
      this.instances.push({ id, attempt: n, live: true, preserved: false })
    }
    return id
  }

  live(): Instance[] {
    return this.instances.filter((instance) => instance.live && !instance.preserved)
  }

  lose(): void {
    for (const instance of this.live()) instance.live = false
  }

  private check(before: HostState, event: Happening): void {
    const { state } = this
    if (state === before) return
    if (before.step === 'launch' && state.stepNo !== before.stepNo) {
      expect(['launched', 'refused', 'unclear'], 'a launch in flight is waited for').toContain(event.type)
    }
    expect(PHASES_OF[state.step], `phase of step ${state.step}`).toContain(state.phase)
    expect(this.live().length, 'live instances of one host').toBeLessThanOrEqual(1)
    const lost = this.live().filter((instance) => instance.attempt < state.current.n)
    expect(lost, 'an instance of an ended attempt lives on').toEqual([])
    const unknown = this.live().filter(({ id }) => id !== state.current.instanceId)
    if (unknown.length > 0)
      expect(LOOKS_FOR_IT, 'a live instance is known, or still looked for').toContain(state.step)
    if (state.step === 'end') expect(this.live(), 'an ended host leaves nothing').toEqual([])
    if (before.cancelled && before.step !== 'launch')
      expect(state.step, 'nothing is launched after a cancel').not.toBe('launch')
    this.checkMessage(before, event)
    expect(state.events.map((event) => event.seq)).toEqual(
      state.events.map((_, i) => state.seq - state.events.length + 1 + i),
    )
    const sameLaunch = before.current.n === state.current.n && before.current.launch === state.current.launch
    if (sameLaunch && before.current.bootDeadline !== undefined) {
      expect(state.current.bootDeadline, 'the deadline of a launch never moves').toBe(
        before.current.bootDeadline,
      )
    }
    if (state.step === 'awaitStarted') expect(state.current.bootDeadline).toBeDefined()
    expect(JSON.parse(JSON.stringify(state))).toEqual(state)
  }

  /** What agents and the cloud report of an instance changes what it should, and no more. */
  private checkMessage(before: HostState, event: Happening): void {
    const { state } = this
    if (isReboot(before, event)) {
      expect(state.current, 'a reboot is the same instance').toEqual({
        ...before.current,
        bootId: event.signal.bootId,
      })
      expect(state.phase, 'a host that has rebooted is heard').toBe('ready')
    }
    if (isReclaim(before, event)) {
      expect(['draining', 'deleting'], 'what the cloud takes is used no more').toContain(state.phase)
      expect(state.current).toMatchObject({ n: before.current.n, instanceId: before.current.instanceId })
      expect(state.wish, 'it is replaced, or what was wished before').toBeDefined()
    }
    if (event.type === 'launched' && (before.cancelled || before.wish?.kind === 'retire'))
      expect(state.phase, 'what is no longer wanted is deleted as soon as it is known').toBe('deleting')
  }

  /** The request in flight has reached the cloud, though its answer has not reached us. */
  reach(): void {
    if (this.state.step === 'launch') this.make()
  }

  /** A definite no is never said of a launch that has made something. */
  refuse(kind: 'capacity' | 'account'): void {
    const { n, launch } = this.state.current
    const made = this.instances.find((instance) => instance.id === `i-${n}-${launch}`)
    if (made) return this.say({ type: 'launched', instanceId: made.id })
    this.say({ type: 'refused', kind, code: 'OperationDenied.NoStock', message: 'none left' })
  }
}

/** Steps at which the host need not know yet what the cloud has made for it. */
const LOOKS_FOR_IT: HostStep[] = ['launch', 'lookup', 'lookupPause', 'delete']

const asked = { by: 'test', why: 'to see' }

export function speak(world: World, kind: string): void {
  const { current, generation } = world.state
  const about = { generation, attempt: current.n }
  const instanceId = current.instanceId ?? world.live()[0]?.id ?? 'i-unknown'
  const facts = {
    instanceId,
    mac: '00:16:3e:99:99:99',
    privateIp: '10.9.9.9',
    cpu: { logical: 2, source: 'os' as const },
    memoryBytes: 1,
    os: { platform: 'linux', release: '', arch: '', hostname: '' },
    agentVersion: '1',
    programStartedAt: '',
  }
  const started = { ...about, bootId: 'boot-1', facts, liveness: 'agent' as const }
  const says: Record<string, () => void> = {
    reach: () => world.reach(),
    take: () => world.lose(),
    started: () => world.say({ type: 'started', signal: started }),
    wrong: () =>
      world.say({ type: 'started', signal: { ...started, facts: { ...facts, instanceId: 'i-foreign' } } }),
    late: () => world.say({ type: 'started', signal: { ...started, attempt: current.n - 1 } }),
    rebooted: () =>
      world.say({ type: 'started', signal: { ...started, bootId: `boot-of-${world.now + 2_000}` } }),
    address: () =>
      world.say({ type: 'started', signal: { ...started, bootId: 'address', liveness: 'none' } }),
    heard: () => world.say({ type: 'heard', signal: about }),
    drained: () => world.say({ type: 'drained', signal: about }),
    failed: () => world.say({ type: 'workloadFailed', signal: { ...about, reason: 'crashed' } }),
    reclaim: () => world.say({ type: 'reclaimNotice', signal: { ...about, reason: 'spot', inMs: 300_000 } }),
    hasty: () => world.say({ type: 'reclaimNotice', signal: { ...about, reason: 'spot', inMs: 30_000 } }),
    drain: () => world.say({ type: 'drain', request: asked }),
    replace: () => world.say({ type: 'replace', request: asked }),
    now: () => world.say({ type: 'replace', request: { ...asked, drain: false } }),
    retire: () => world.say({ type: 'retire', request: asked }),
    preserve: () => world.say({ type: 'preserve', request: { ...asked, forMs: 1_800_000 } }),
    spec: () => world.say({ type: 'applySpec', request: { ...asked, hash: 'def', spec: specForTests() } }),
    cancel: () => world.say({ type: 'cancel' }),
  }
  const say = says[kind]
  if (!say) throw new Error(`nobody says ${kind}`)
  say()
}
