import { describe, expect, test } from 'vitest'
import { refusal, scriptedCloud } from '../testing/scripted-cloud.ts'
import type { WireCall } from '../testing/scripted-cloud.ts'
import { EcsError } from './ecs-error.ts'
import { createLook } from './look.ts'
import { createRemove } from './remove.ts'

const ids = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `i-${from + index}`)
const idsAsked = (query: URLSearchParams): string[] => {
  const json = query.get('InstanceIds')
  if (json !== null) return JSON.parse(json) as string[]
  return [...query].filter(([name]) => name.startsWith('InstanceId.')).map(([, value]) => value)
}

describe('looks', () => {
  /** Knows the ids that end in an even digit. */
  function evenOnes(call: WireCall) {
    const Instance = idsAsked(call.query)
      .filter((id) => /[02468]$/.test(id))
      .map((InstanceId) => ({ InstanceId, Status: 'Running' }))
    call.respond(200, { Instances: { Instance } })
  }

  test('at a thousand instances in the same moment make ten calls, and each gets its own answer', async () => {
    const cloud = await scriptedCloud(evenOnes)
    const look = createLook({ ecs: cloud.ecs, gridMs: 500, clock: Date.now })
    const answers = await Promise.all(ids(1_000).map(async (id) => [id, await look(id)] as const))
    expect(cloud.calls).toHaveLength(10)
    for (const [id, instance] of answers) {
      expect(instance?.instanceId).toBe(/[02468]$/.test(id) ? id : undefined)
    }
  })

  test('at the same instance share one place in the call', async () => {
    const cloud = await scriptedCloud(evenOnes)
    const look = createLook({ ecs: cloud.ecs, gridMs: 200, clock: Date.now })
    await Promise.all([look('i-2'), look('i-2'), look('i-4')])
    expect(cloud.calls.map(({ query }) => idsAsked(query))).toEqual([['i-2', 'i-4']])
  })

  test('make at most one round in each cell of the grid', async () => {
    const cloud = await scriptedCloud(evenOnes)
    const gridMs = 200
    const look = createLook({ ecs: cloud.ecs, gridMs, clock: Date.now })
    const startedAt = Date.now()
    for (let count = 0; count < 8; count++) await look('i-2') // one after the other: nobody to share with
    const cells = Math.floor(Date.now() / gridMs) - Math.floor(startedAt / gridMs) + 1
    expect(cloud.calls).toHaveLength(8)
    expect(cells).toBeGreaterThanOrEqual(8)
  })

  test('of one call that fails fail together, others do not', async () => {
    const cloud = await scriptedCloud((call) => {
      if (idsAsked(call.query).includes('i-150')) call.respond(500, refusal('InternalError'))
      else evenOnes(call)
    })
    const look = createLook({ ecs: cloud.ecs, gridMs: 200, clock: Date.now })
    const settled = await Promise.allSettled(ids(300).map((id) => look(id)))
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(100)
    expect(settled[150]).toMatchObject({ status: 'rejected', reason: expect.any(EcsError) })
    expect(settled[99]?.status).toBe('fulfilled')
  })

  test('go on after a call has failed', async () => {
    let broken = true
    const cloud = await scriptedCloud((call) => (broken ? call.respond(500, '') : evenOnes(call)))
    const look = createLook({ ecs: cloud.ecs, gridMs: 100, clock: Date.now })
    await expect(look('i-2')).rejects.toThrow('NotJson')
    broken = false
    expect((await look('i-2'))?.status).toBe('Running')
  })
})

describe('deletes', () => {
  const accepted = (call: WireCall) => call.respond(200, { RequestId: 'R' })

  test('go at once when idle, then together with those that came meanwhile', async () => {
    const cloud = await scriptedCloud(accepted)
    const remove = createRemove({ ecs: cloud.ecs, clock: Date.now, spacingMs: 150 })
    const startedAt = performance.now()
    await remove('i-0')
    expect(performance.now() - startedAt).toBeLessThan(140)
    await Promise.all(ids(250, 1).map((id) => remove(id)))
    expect(cloud.calls.map(({ query }) => idsAsked(query).length)).toEqual([1, 100, 100, 50])
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(440)
    expect(cloud.calls[0]?.query.get('Force')).toBe('true')
  })

  test('of one bad instance do not keep the others: the batch is halved until it is found', async () => {
    const deleted: string[] = []
    const cloud = await scriptedCloud((call) => {
      const asked = idsAsked(call.query)
      if (asked.includes('i-37')) return call.respond(403, refusal('IncorrectInstanceStatus.Initializing'))
      deleted.push(...asked)
      accepted(call)
    })
    const remove = createRemove({ ecs: cloud.ecs, clock: Date.now, spacingMs: 50 })
    const settled = await Promise.allSettled(ids(100).map((id) => remove(id)))
    const failed = settled.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))
    expect(failed).toEqual([37])
    expect(deleted.toSorted()).toEqual(
      ids(100)
        .filter((id) => id !== 'i-37')
        .toSorted(),
    )
    expect(cloud.calls.length).toBeLessThanOrEqual(18)
  })

  test('are not halved when the cloud throttles, and halving stops when it begins to', async () => {
    let calls = 0
    const cloud = await scriptedCloud((call) => {
      calls += 1
      call.respond(400, refusal(calls <= 2 ? 'IncorrectInstanceStatus' : 'Throttling.User'))
    })
    const remove = createRemove({ ecs: cloud.ecs, clock: Date.now, spacingMs: 50 })
    const settled = await Promise.allSettled(ids(64).map((id) => remove(id)))
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true)
    expect(cloud.calls).toHaveLength(3)
  })

  test('of one instance asked twice stand in the call once', async () => {
    const cloud = await scriptedCloud(accepted)
    const remove = createRemove({ ecs: cloud.ecs, clock: Date.now, spacingMs: 50 })
    await Promise.all([remove('i-0'), remove('i-1'), remove('i-1'), remove('i-0')])
    expect(cloud.calls.map(({ query }) => idsAsked(query))).toEqual([['i-0'], ['i-1']])
  })
})
