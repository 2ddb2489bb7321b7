import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HostPhase } from '../host/types.ts'
import { propertyRuns } from '../testing/property-runs.ts'
import { judgeSilence } from './judge.ts'
import type { Pulse } from './judge.ts'

const NOW = 1_800_000_000_000
const TIMEOUT_MS = 90_000
const GRACE_MS = 300_000
const ALIVE: Pulse[] = [{ startedAt: NOW - 3_600_000, lastAt: NOW - 5_000 }]

const hostName = (slot: number) => `render/${String(slot).padStart(5, '0')}`
function fleet(ready: number, silent: number) {
  return Array.from({ length: ready + silent }, (_, index) => {
    const phase: HostPhase = index < silent ? 'silent' : 'ready'
    return { host: hostName(index + 1), phase }
  })
}
const ask = (ready: number, silent: number, pulses = ALIVE, host = hostName(1)) =>
  judgeSilence({
    host,
    hosts: fleet(ready, silent),
    pulses,
    heartbeatTimeoutMs: TIMEOUT_MS,
    silentGraceMs: GRACE_MS,
    now: NOW,
  })

describe('how many are silent', () => {
  test.each([
    [1, 0, 1, 'replace'],
    [2, 1, 1, 'replace'],
    [2, 0, 2, 'wait'],
    [3, 0, 3, 'wait'],
    [4, 1, 3, 'replace'],
    [5, 1, 4, 'wait'],
    [20, 16, 4, 'replace'],
    [20, 15, 5, 'wait'],
    [100, 80, 20, 'replace'],
    [100, 79, 21, 'wait'],
    [1_000, 0, 1_000, 'wait'],
  ])('of %i hosts %i ready and %i silent: %s', (_total, ready, silent, verdict) => {
    expect(ask(ready, silent).verdict).toBe(verdict)
  })

  test('counts the host itself although its row is a moment behind', () => {
    expect(ask(5, 3, ALIVE, hostName(8)).verdict).toBe('wait')
    expect(
      judgeSilence({
        host: 'render/00001',
        hosts: [],
        pulses: ALIVE,
        heartbeatTimeoutMs: TIMEOUT_MS,
        silentGraceMs: GRACE_MS,
        now: NOW,
      }).verdict,
    ).toBe('replace')
  })

  test('tells people what it counted', () => {
    expect(ask(79, 21).reason).toBe(
      '21 of 100 ready hosts of the fleet are silent at once, more than 20: the fleet is frozen until beats come back',
    )
  })
})

describe('our own API', () => {
  test('that nobody has heard of makes everybody wait', () => {
    expect(ask(9, 1, [])).toEqual({ verdict: 'wait', reason: 'our own API is away: no host can be heard' })
  })

  test('that stopped pulsing makes everybody wait', () => {
    expect(ask(9, 1, [{ startedAt: NOW - 3_600_000, lastAt: NOW - 30_001 }]).verdict).toBe('wait')
  })

  test('that came back less than two heartbeat timeouts ago makes everybody wait', () => {
    const back = [{ startedAt: NOW - 2 * TIMEOUT_MS + 1_000, lastAt: NOW }]
    expect(ask(9, 1, back)).toMatchObject({
      verdict: 'wait',
      reason: expect.stringContaining('listened for 179 s of the 180 s'),
    })
    expect(ask(9, 1, [{ startedAt: NOW - 2 * TIMEOUT_MS, lastAt: NOW }]).verdict).toBe('replace')
  })

  test('counts as there while its processes take turns without a gap', () => {
    const old = { startedAt: NOW - 3_600_000, lastAt: NOW - 60_000 }
    expect(ask(9, 1, [{ startedAt: NOW - 70_000, lastAt: NOW }, old]).verdict).toBe('replace')
    expect(ask(9, 1, [{ startedAt: NOW - 20_000, lastAt: NOW }, old]).verdict).toBe('wait')
  })

  describe('of hosts that are judged after a few seconds', () => {
    const quick = (pulses: Pulse[]) =>
      judgeSilence({
        host: hostName(1),
        hosts: fleet(9, 1),
        pulses,
        heartbeatTimeoutMs: 3_000,
        silentGraceMs: 6_000,
        now: NOW,
      })

    test('is away when its last pulse is older than the silence', () => {
      expect(quick([{ startedAt: NOW - 3_600_000, lastAt: NOW - 6_001 }]).verdict).toBe('wait')
      expect(quick([{ startedAt: NOW - 3_600_000, lastAt: NOW - 5_999 }]).verdict).toBe('replace')
    })

    test('has not listened since its last pulse', () => {
      const short = { startedAt: NOW - 8_000, lastAt: NOW - 3_000 }
      expect(quick([short])).toMatchObject({
        verdict: 'wait',
        reason: expect.stringContaining('listened for 5 s of the 6 s'),
      })
      expect(quick([{ ...short, startedAt: NOW - 9_000 }]).verdict).toBe('replace')
    })

    test('was away when its processes took turns with a gap in which a living host falls silent', () => {
      const old = { startedAt: NOW - 3_600_000, lastAt: NOW - 7_000 }
      expect(quick([{ startedAt: NOW - 3_000, lastAt: NOW }, old]).verdict).toBe('wait')
      expect(quick([{ startedAt: NOW - 4_000, lastAt: NOW }, old]).verdict).toBe('replace')
    })
  })
})

describe('always', () => {
  const anyPulse = fc
    .record({ age: fc.integer({ min: 0, max: 900_000 }), lasted: fc.integer({ min: 0, max: 900_000 }) })
    .map(({ age, lasted }): Pulse => ({ startedAt: NOW - age - lasted, lastAt: NOW - age }))
  const anyCase = fc.record({
    ready: fc.integer({ min: 0, max: 300 }),
    silent: fc.integer({ min: 1, max: 300 }),
    pulses: fc.array(anyPulse, { maxLength: 4 }),
  })

  test('no fleet loses more than max(3, 20 %) or all of two and more, and none without a listening API', () => {
    fc.assert(
      fc.property(anyCase, ({ ready, silent, pulses }) => {
        if (ask(ready, silent, pulses).verdict === 'wait') return
        const total = ready + silent
        expect(silent).toBeLessThanOrEqual(Math.max(3, 0.2 * total))
        expect(total === 1 || ready > 0).toBe(true)
        expect(pulses.some(({ lastAt }) => NOW - lastAt <= 30_000)).toBe(true)
        expect(pulses.some(({ startedAt }) => NOW - startedAt >= 2 * TIMEOUT_MS)).toBe(true)
      }),
      propertyRuns(1),
    )
  })

  test('more silence never turns wait into replace', () => {
    fc.assert(
      fc.property(anyCase, ({ ready, silent, pulses }) => {
        fc.pre(ready > 0 && ask(ready, silent, pulses).verdict === 'wait')
        expect(ask(ready - 1, silent + 1, pulses).verdict).toBe('wait')
      }),
      propertyRuns(2),
    )
  })
})
