import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Hold } from '../domain/breaker/hold.ts'
import { DEFAULT_BREAKER_RULES, lookAgainMs } from '../domain/breaker/rules.ts'
import { settle, type BootOutcome } from '../domain/breaker/settle.ts'
import { explainFleet, type FleetHostFacts } from '../domain/fleet/explain.ts'
import { DEFAULT_POLICY } from '../domain/fleet/policy.ts'
import { hostId } from '../domain/ids.ts'
import { choosePlacement } from '../domain/placement/choose-placement.ts'
import { specForTests } from '../domain/testing/specs.ts'
import { explanationText } from './explanation-text.ts'

const NOW = Date.parse('2026-11-23T14:00:00Z')
const MINUTE = 60_000
const WANTED = 40
const SPEC = specForTests({ imageId: 'm-1' })

/** The hold that five mute boots have opened a moment ago. */
function openedHold(): Hold {
  const outcome: BootOutcome = {
    host: hostId('render', 12),
    generation: 'a1b2c3d4e5',
    attempt: 1,
    region: SPEC.region,
    imageId: SPEC.imageId,
    fleet: 'render',
    zone: 'cn-hangzhou-h',
    instanceType: 'ecs.c7.large',
    launchedAt: NOW - 29 * MINUTE,
    outcome: 'failed',
    why: 'mute for 20:00: no "started" before the boot deadline',
  }
  const one = { failures: 5, places: 1 }
  const streaks = { placement: one, image: one, fleet: one }
  const [change] = settle({
    outcome,
    holds: [],
    streaks,
    rules: DEFAULT_BREAKER_RULES,
    now: NOW - 9 * MINUTE,
  })
  if (change?.kind !== 'opened') throw new Error('five failed boots open no hold')
  return { id: 7, ...change.hold }
}

/** What a host is told that asks for a place while that hold stands. */
function waiting(slot: number, hold: Hold): Partial<FleetHostFacts> {
  const choice = choosePlacement({
    spec: SPEC,
    fleet: 'render',
    notes: [],
    holds: [hold],
    recentFailures: [],
    lookAgainMs: lookAgainMs(DEFAULT_BREAKER_RULES),
    key: { host: hostId('render', slot), generation: 'a1b2c3d4e5', attempt: 2 },
    seed: '',
    now: NOW,
  })
  if (choice.outcome !== 'wait') throw new Error('a held place is taken')
  return { phase: 'waiting', attempt: 2, reason: choice.reason, waitUntil: NOW + choice.waitMs }
}

function hosts(hold: Hold): FleetHostFacts[] {
  const changes: Record<number, Partial<FleetHostFacts>> = {
    12: waiting(12, hold),
    31: { phase: 'booting', attempt: 2, phaseAt: NOW - 250_000, bootDeadline: NOW + 16 * MINUTE },
  }
  return Array.from({ length: WANTED }, (_, index) => ({
    host: hostId('render', index + 1),
    attempt: 1,
    phase: 'ready',
    phaseAt: NOW - 60 * MINUTE,
    specHash: 'abc',
    reason: '',
    ...changes[index + 1],
  }))
}

test('the sample of docs/fleets.md is what is printed for such a fleet', () => {
  const hold = openedHold()
  const told = explainFleet(
    {
      name: 'render',
      desired: WANTED,
      paused: false,
      specHash: 'abc',
      note: 'resized from 20 to 40 by ann: evening',
      updatedAt: NOW,
      status: { surge: 0, replacing: 0, extra: 0, marks: [], policy: DEFAULT_POLICY },
      slots: [[1, WANTED]],
      hosts: hosts(hold),
      holds: [hold],
    },
    NOW,
  )
  const page = readFileSync(join(import.meta.dirname, '../docs/fleets.md'), 'utf8')
  const [, sample] = /## Why is it so\?[^#]*?\n```\n([^`]*)\n```\n/.exec(page) ?? []
  expect(sample).toBe(explanationText(told))
})

test('parts that have nothing to say leave no gap', () => {
  const nothing = { fleet: [], missing: [], next: [], youCan: [] }
  expect(explanationText({ ...nothing, headline: 'all is well' })).toBe('all is well.')
  expect(
    explanationText({
      ...nothing,
      headline: 'some are missing',
      missing: [{ host: 'render/00001', why: 'silent for 5:00' }],
    }),
  ).toBe('some are missing.\n\n  render/00001: silent for 5:00')
})
