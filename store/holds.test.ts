import { expect, test } from 'vitest'
import { DEFAULT_BREAKER_RULES } from '../domain/breaker/rules.ts'
import type { BootOutcome } from '../domain/breaker/settle.ts'
import { choosePlacement } from '../domain/placement/choose-placement.ts'
import type { AttemptKey } from '../domain/ids.ts'
import type { LaunchFacts } from './contract.ts'
import { createStore } from './create-store.ts'
import { openDatabase } from './database.ts'
import { onEachDatabase } from './testing/on-each-database.ts'

const MINUTE = 60_000
const NOW = 1_800_000_000_000
const REGION = 'cn-hangzhou'
const TYPE = 'ecs.g7.large'
const RULES = { ...DEFAULT_BREAKER_RULES, image: { failures: 10, places: 2 }, fleet: { failures: 15 } }

onEachDatabase('holds', (current) => {
  const holds = () => current().store.holds
  const keyOf = (slot: number, attempt = 1): AttemptKey => ({
    host: `render/${String(slot).padStart(5, '0')}`,
    generation: 'aaaaaaaaaa',
    attempt,
  })
  const outcome = (key: AttemptKey, change: Partial<BootOutcome> = {}): BootOutcome => ({
    ...key,
    region: REGION,
    imageId: 'm-1',
    zone: 'h',
    instanceType: TYPE,
    fleet: 'render',
    launchedAt: NOW,
    outcome: 'failed',
    why: 'mute for 20:00',
    ...change,
  })
  const fail = (slot: number, at: number, change: Partial<BootOutcome> = {}) =>
    holds().noteOutcome(outcome(keyOf(slot, change.attempt), { launchedAt: at, ...change }), RULES, at)
  const ready = (slot: number, at: number, change: Partial<BootOutcome> = {}) =>
    fail(slot, at, { outcome: 'ready', ...change })
  /** Five mute hosts in zone h: a hold from NOW + 5 on. */
  async function openHold(change: Partial<BootOutcome> = {}) {
    for (let slot = 1; slot <= 4; slot++) expect(await fail(slot, NOW + slot, change)).toEqual([])
    return await fail(5, NOW + 5, change)
  }
  function plan(key: AttemptKey, now: number, zones = ['h'], store = holds()) {
    const spec = {
      imageId: 'm-1',
      placementPolicy: 'order' as const,
      placements: zones.map((zone) => ({ zone, vSwitchId: 'v', instanceType: TYPE })),
    }
    const question = { region: REGION, key, imageId: 'm-1', probeUntil: now + 22 * MINUTE }
    const choose = (facts: LaunchFacts) => {
      const common = { spec, fleet: 'render', key, now, lookAgainMs: MINUTE, seed: key.host }
      const choice = choosePlacement({ ...common, ...facts })
      const { zone } = choice.outcome === 'placed' ? choice.placement : { zone: 'wait' }
      return { zone, probes: choice.outcome === 'placed' ? choice.probes : [] }
    }
    return store.planned(question, choose, now)
  }
  const AFTER = NOW + 11 * MINUTE

  test('five failed boots of an image in a zone open a hold there, with an audit row', async () => {
    const [effect] = await openHold()
    expect(effect).toMatchObject({
      kind: 'opened',
      text: expect.stringMatching(
        /^opens hold \d+ on m-1 on ecs.g7.large in h, the first probe after 10:00: 5 boots in a row failed/,
      ),
    })
    const [row, ...more] = await holds().active(REGION, NOW + 6)
    expect(more).toEqual([])
    expect(row).toEqual({
      id: effect?.hold,
      region: REGION,
      scope: 'placement',
      state: 'open',
      imageId: 'm-1',
      zone: 'h',
      instanceType: TYPE,
      reason: '5 boots in a row failed within 30:00, the last: mute for 20:00',
      openedAt: NOW + 5,
      openedBy: 'render/00005 attempt 1',
      until: NOW + 5 + 10 * MINUTE,
      failedProbes: 0,
    })
    expect(await current().store.audit.list({ target: `hold ${effect?.hold}` })).toMatchObject([
      { who: 'muster', what: effect?.text, why: 'render/00005 attempt 1: mute for 20:00' },
    ])
    expect(await holds().active('cn-beijing', NOW)).toEqual([])
  })

  test('an outcome told again counts once and gives the same answer', async () => {
    for (let time = 0; time < 10; time++) expect(await fail(1, NOW + time)).toEqual([])
    for (let slot = 2; slot <= 4; slot++) await fail(slot, NOW + slot)
    const first = await fail(5, NOW + 20)
    expect(first).toHaveLength(1)
    expect(await fail(5, NOW + 9 * MINUTE)).toEqual(first)
    expect(await holds().list({ includeClosed: true }, NOW)).toHaveLength(1)
    expect(await fail(5, NOW + 30, { attempt: 2 }), 'the next attempt is another boot').toEqual([])
  })

  test('a success between, another zone, another image, or the window passed: no hold', async () => {
    for (let slot = 1; slot <= 4; slot++) await fail(slot, NOW + slot)
    await ready(9, NOW + 10)
    expect(await fail(5, NOW + 11)).toEqual([])
    expect(await fail(6, NOW + 12, { zone: 'i' })).toEqual([])
    expect(await fail(7, NOW + 13, { imageId: 'm-2' })).toEqual([])
    for (let slot = 20; slot < 23; slot++) await fail(slot, NOW + slot)
    expect(await fail(30, NOW + 45 * MINUTE)).toEqual([])
    expect(await holds().active(REGION, NOW)).toEqual([])
  })

  test('ten failed boots on two places hold the image, and fifteen of a fleet the fleet', async () => {
    const kinds: string[] = []
    for (let slot = 1; slot <= 15; slot++) {
      const zone = slot % 2 === 0 ? 'h' : 'i'
      for (const { text } of await fail(slot, NOW + slot, { zone }))
        kinds.push(`${slot}: ${/on (.*?),/.exec(text)?.[1]}`)
    }
    expect(kinds).toEqual([
      `9: m-1 on ${TYPE} in i`,
      `10: m-1 on ${TYPE} in h`,
      '10: image m-1',
      '15: fleet render',
    ])
    expect((await ready(16, NOW + 20)).map(({ kind }) => kind)).toEqual(['closed', 'closed', 'closed'])
    expect(await holds().active(REGION, NOW + 21)).toMatchObject([{ scope: 'placement', zone: 'i' }])
  })

  test('under a hold a host goes elsewhere or waits; after the cool-down one attempt probes', async () => {
    await openHold()
    expect(await plan(keyOf(10), NOW + MINUTE, ['h', 'i'])).toEqual({ zone: 'i', probes: [] })
    expect((await plan(keyOf(10), NOW + MINUTE)).zone).toBe('wait')
    const [hold] = await holds().active(REGION, AFTER)
    expect(await plan(keyOf(11), AFTER)).toEqual({ zone: 'h', probes: [hold?.id] })
    expect((await holds().active(REGION, AFTER))[0]).toMatchObject({
      state: 'half-open',
      probe: { ...keyOf(11), until: AFTER + 22 * MINUTE },
    })
    expect((await plan(keyOf(12), AFTER)).zone).toBe('wait')
    expect(await plan(keyOf(11), AFTER + 1), 'asked again').toMatchObject({ zone: 'h' })
    expect(await plan(keyOf(12), AFTER + 23 * MINUTE), 'given up').toMatchObject({ zone: 'h' })
    expect((await plan(keyOf(11), AFTER + 23 * MINUTE)).zone).toBe('wait')
  })

  test('a probe that goes elsewhere, or ends without a word, leaves its place to the next', async () => {
    await openHold()
    await plan(keyOf(11), AFTER)
    expect(await plan(keyOf(11), AFTER + 1, ['i'])).toEqual({ zone: 'i', probes: [] })
    expect((await plan(keyOf(12), AFTER + 2)).zone).toBe('h')
    expect(await holds().giveUpProbe(keyOf(11))).toBe(false)
    expect(await holds().giveUpProbe(keyOf(12))).toBe(true)
    expect((await plan(keyOf(13), AFTER + 3)).zone).toBe('h')
  })

  test('a failed probe doubles the cool-down, a success closes the hold, and counting begins anew', async () => {
    const [{ hold: id } = { hold: 0 }] = await openHold()
    await plan(keyOf(11), AFTER)
    const failedAt = AFTER + 20 * MINUTE
    expect(await fail(11, failedAt)).toMatchObject([
      { kind: 'reopened', text: expect.stringContaining('has failed, the next after 20:00') },
    ])
    expect((await plan(keyOf(12), failedAt + 19 * MINUTE)).zone).toBe('wait')
    expect((await plan(keyOf(12), failedAt + 20 * MINUTE)).zone).toBe('h')
    const closedAt = failedAt + 26 * MINUTE
    const closing = await ready(12, closedAt)
    expect(closing).toEqual([{ kind: 'closed', hold: id, text: `closes hold ${id} on m-1 on ${TYPE} in h` }])
    expect(await ready(12, closedAt + 1)).toEqual(closing)
    expect(await holds().active(REGION, closedAt)).toEqual([])
    expect(await holds().list({ includeClosed: true }, closedAt)).toMatchObject([
      { id, state: 'closed', closedAt, closedBy: 'render/00012 attempt 1', failedProbes: 1 },
    ])
    expect(await fail(13, closedAt + 2)).toEqual([])
    const said = await current().store.audit.list({ target: `hold ${id}` })
    expect(said.map(({ what }) => what.split(' ')[0])).toEqual(['closes', 'the', 'opens'])
  })

  test('a person releases a hold once, and the failures before it count no more', async () => {
    const [{ hold: id } = { hold: 0 }] = await openHold()
    const asked = { by: 'ada', why: 'image repaired', requestId: 'r-1' }
    expect(await holds().release(id, asked, NOW + MINUTE)).toMatchObject({
      state: 'closed',
      closedBy: 'ada',
      closedWhy: 'image repaired',
    })
    expect((await plan(keyOf(9), NOW + MINUTE)).zone).toBe('h')
    for (let slot = 20; slot < 24; slot++) expect(await fail(slot, NOW + 2 * MINUTE + slot)).toEqual([])
    expect(await fail(24, NOW + 3 * MINUTE)).toMatchObject([{ kind: 'opened' }])
    await expect(holds().release(id, asked, NOW)).rejects.toMatchObject({
      code: 'conflict',
      message: `hold ${id} is closed already, by ada`,
    })
    await expect(holds().release(99_999, asked, NOW)).rejects.toMatchObject({ code: 'not_found' })
    expect(await current().store.audit.list({ target: `hold ${id}`, limit: 1 })).toMatchObject([
      { who: 'ada', what: `release hold on m-1 on ${TYPE} in h`, requestId: 'r-1' },
    ])
  })

  test('of hosts that ask at once from several processes one probes', async () => {
    await openHold()
    const others = await Promise.all([1, 2, 3].map(() => openDatabase(current().options)))
    try {
      const stores = [holds(), ...others.map((other) => createStore(other).holds)]
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, slot) =>
          plan(keyOf(100 + slot), AFTER, ['h'], stores[slot % stores.length]),
        ),
      )
      expect(answers.filter(({ zone }) => zone === 'h')).toHaveLength(1)
    } finally {
      await Promise.all(others.map((other) => other.close()))
    }
  })

  test('failures that come at once from several processes open one hold', async () => {
    const others = await Promise.all([1, 2].map(() => openDatabase(current().options)))
    try {
      const stores = [holds(), ...others.map((other) => createStore(other).holds)]
      const effects = await Promise.all(
        Array.from({ length: 30 }, (_, slot) =>
          (stores[slot % stores.length] ?? holds()).noteOutcome(
            outcome(keyOf(1 + (slot % 15))),
            RULES,
            NOW + 1,
          ),
        ),
      )
      const opened = new Set(effects.flat().map(({ text }) => text))
      expect([...opened].filter((text) => text.includes(' in h'))).toHaveLength(1)
      expect(await holds().active(REGION, NOW + 2)).toMatchObject([
        { scope: 'placement' },
        { scope: 'fleet' },
      ])
    } finally {
      await Promise.all(others.map((other) => other.close()))
    }
  })

  test('what went wrong at a place is told with the facts of a weighted launch', async () => {
    const { capacity } = current().store
    await capacity.note({ region: REGION, zone: 'i', instanceType: TYPE, spot: true }, 'NoStock', NOW)
    await fail(1, NOW)
    await fail(2, NOW, { imageId: 'm-2' })
    await ready(3, NOW)
    const ask = async (failuresSince?: number) => {
      const question = { region: REGION, key: keyOf(9), imageId: 'm-1', probeUntil: NOW }
      const asked = failuresSince === undefined ? question : { ...question, failuresSince }
      const look = (facts: LaunchFacts) => ({ probes: [], facts })
      return (await holds().planned(asked, look, NOW)).facts.recentFailures
    }
    expect(await ask(NOW - 1)).toEqual([
      { zone: 'i', instanceType: TYPE, spot: true, count: 1 },
      { zone: 'h', instanceType: TYPE, count: 1 },
    ])
    expect(await ask(NOW)).toEqual([])
    expect(await ask()).toEqual([])
  })

  test('outcomes are forgotten after three days', async () => {
    await fail(1, NOW)
    await fail(2, NOW + 73 * 3_600_000)
    expect(await current().database.db.selectFrom('boot_outcomes').select('host').execute()).toEqual([
      { host: 'render/00002' },
    ])
  })
})
