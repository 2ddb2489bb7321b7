import { describe, expect, it } from 'vitest'
import type { HostPhase } from '../host/types.ts'
import { judgeSilence } from './judge.ts'

const NOW = 1_800_000_000_000

function ask(pulses: { startedAt: number; lastAt: number }[]) {
  const phase: HostPhase = 'silent'
  const hosts = Array.from({ length: 10 }, (_, slot) => ({ host: `render/0000${slot}`, phase }))
  return judgeSilence({
    host: 'render/00001',
    hosts,
    pulses,
    heartbeatTimeoutMs: 90_000,
    silentGraceMs: 300_000,
    isOverridden: true,
    now: NOW,
  })
}

describe('a freeze that a person has overridden', () => {
  it('lets silent hosts be replaced, however many', () => {
    expect(ask([{ startedAt: NOW - 3_600_000, lastAt: NOW - 1_000 }])).toEqual({
      verdict: 'replace',
      reason: '10 of 10 ready hosts of the fleet are silent at once; a person has overridden the freeze',
    })
  })

  it('lets none be replaced while our own API is away: nobody could be heard', () => {
    expect(ask([]).verdict).toBe('wait')
  })
})
