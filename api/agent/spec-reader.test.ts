import { expect, test } from 'vitest'
import { memoryStore, SPEC } from '../testing.ts'
import { createSpecReader } from './spec-reader.ts'

async function stage() {
  const store = await memoryStore()
  const hash = await store.specs.put(SPEC, 1)
  const asked: string[] = []
  const get = (wanted: string) => {
    asked.push(wanted)
    return store.specs.get(wanted)
  }
  return { store, hash, asked, read: createSpecReader({ specs: { ...store.specs, get } }) }
}

test('a spec is read once, also for those who ask before it is there', async () => {
  const { hash, asked, read } = await stage()
  expect(await Promise.all([read(hash), read(hash)])).toEqual([SPEC, SPEC])
  expect(await read(hash)).toEqual(SPEC)
  expect(asked).toEqual([hash])
})

test('one that is not there, and a store that fails, are asked again', async () => {
  const { store, asked, read } = await stage()
  expect(await read('absent')).toBeUndefined()
  await store.close()
  await expect(read('absent')).rejects.toThrow('specs.get')
  await expect(read('absent')).rejects.toThrow('specs.get')
  expect(asked).toEqual(['absent', 'absent', 'absent'])
})
