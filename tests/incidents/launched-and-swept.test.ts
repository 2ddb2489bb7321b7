import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RecordedCall } from '../../emulator/index.ts'
import { createWorld, type World } from '../support/world.ts'
import { exists, lineOf, sweep } from '../sweep/stage.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev' })
})
afterAll(() => world?.close())

/** Tags travel as `Tag.1.Key`, `Tag.1.Value`, … */
function tagsOf({ parameters }: RecordedCall): Record<string, string> {
  const keys = Object.keys(parameters).filter((name) => /^Tag\.\d+\.Key$/.test(name))
  return Object.fromEntries(
    keys.map((name) => [parameters[name] ?? '', parameters[name.replace(/Key$/, 'Value')] ?? '']),
  )
}

it('incident 9: the sweep asks for the very tags that a launch has written, and so finds what was launched', async () => {
  const host = await world.startHost(1)
  const { current } = await world.until(host, 'ready')
  const id = current.instanceId ?? ''
  await world.handle(host).terminate('nobody knows of its instance any more')
  const report = await sweep(world)
  const [launch] = world.launches(host)
  const lists = world.emulator.recorder.calls().filter(({ action }) => action === 'ListTagResources')
  expect(lists.length).toBeGreaterThan(0)
  for (const list of lists) {
    const asked = tagsOf(list)
    expect(Object.keys(asked)).not.toEqual([])
    expect(launch && tagsOf(launch)).toMatchObject(asked)
  }
  expect(lineOf(report, id)?.verdict).toBe('markOrphan')
  expect(lineOf(await sweep(world), id)?.verdict).toBe('delete')
  expect(exists(world, id)).toBe(false)
})
