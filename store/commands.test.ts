import { expect, test } from 'vitest'
import { onEachDatabase } from './testing/on-each-database.ts'
import { sampleRecord } from './testing/samples.ts'

const KEY = { host: 'render/00001', generation: 'aaaaaaaaaa', attempt: 1 }

onEachDatabase('commands', (current) => {
  const commands = () => current().store.commands

  test('commands are pending in the order they were given, until acknowledged', async () => {
    const drain = await commands().add(KEY, 'drain', undefined, 1)
    const run = await commands().add(KEY, 'run', { command: ['x'] }, 2)
    expect(drain).not.toHaveProperty('arguments')
    expect(await commands().pending(KEY)).toEqual([
      drain,
      { id: run.id, kind: 'run', arguments: { command: ['x'] } },
    ])
    await commands().acknowledge(KEY, [{ id: drain.id, ok: true }], 3)
    expect(await commands().pending(KEY)).toEqual([run])
    expect(await commands().pending({ ...KEY, attempt: 2 })).toEqual([])
  })

  test('the same kind is one command while it is not acknowledged, and a new one afterwards', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => commands().add(KEY, 'drain', undefined, 1)))
    expect(new Set(all.map(({ id }) => id)).size).toBe(1)
    await commands().acknowledge(KEY, [{ id: all[0]?.id ?? '', ok: true }], 2)
    const next = await commands().add(KEY, 'drain', undefined, 3)
    expect(next.id).not.toBe(all[0]?.id)
  })

  test('acknowledgements of other attempts and of unknown ids change nothing', async () => {
    const { id } = await commands().add(KEY, 'stop', undefined, 1)
    await commands().acknowledge({ ...KEY, attempt: 2 }, [{ id, ok: true }], 2)
    await commands().acknowledge({ ...KEY, host: 'render/00002' }, [{ id, ok: true }], 2)
    const strange = ['', 'x', `${id}0`, `0${id}`, '-1', 'aaaaaaaaaa-1-01', '\u0000'].map((ack) => ({
      id: ack,
      ok: true,
    }))
    await commands().acknowledge(KEY, [...strange], 2)
    expect(await commands().pending(KEY)).toHaveLength(1)
  })

  test('the first acknowledgement counts, with its error', async () => {
    const { id } = await commands().add(KEY, 'run', undefined, 1)
    await commands().acknowledge(KEY, [{ id, ok: false, error: 'y'.repeat(5_000) }], 2)
    await commands().acknowledge(KEY, [{ id, ok: true }], 3)
    const row = await current().database.db.selectFrom('commands').selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({ acked_at: 2, ok: 0 })
    expect(row.error).toHaveLength(1_000)
  })

  test('waiting names present attempts of hosts that are not retired, each once', async () => {
    const { hosts } = current().store
    await hosts.record(sampleRecord({ slot: 2, attempt: 2 }), 1)
    await hosts.record(sampleRecord({ slot: 1 }), 1)
    await hosts.record(sampleRecord({ slot: 3, phase: 'retired' }), 1)
    for (const slot of [3, 2, 1]) {
      for (const kind of ['drain', 'stop'] as const) {
        await commands().add({ ...KEY, host: `render/0000${slot}` }, kind, undefined, 1)
      }
    }
    expect(await commands().waiting()).toEqual([KEY])
    await commands().add({ ...KEY, host: 'render/00002', attempt: 2 }, 'drain', undefined, 1)
    expect(await commands().waiting()).toEqual([KEY, { ...KEY, host: 'render/00002', attempt: 2 }])
    for (const { id } of await commands().pending(KEY))
      await commands().acknowledge(KEY, [{ id, ok: true }], 2)
    expect(await commands().waiting()).toHaveLength(1)
  })

  test('arguments of unreasonable size are refused', async () => {
    const adding = commands().add(KEY, 'run', { script: 'x'.repeat(20_000) }, 1)
    await expect(adding).rejects.toMatchObject({ code: 'too_large' })
  })
})
