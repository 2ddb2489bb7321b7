import { expect, test } from 'vitest'
import { mapConcurrently } from './map-concurrently.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('gives the results in order, whichever comes first, with no more under way than allowed', async () => {
  let underWay = 0
  let most = 0
  const results = await mapConcurrently([5, 1, 4, 2, 3], 2, async (turns) => {
    most = Math.max(most, (underWay += 1))
    for (let n = 0; n < turns; n++) await turn()
    underWay -= 1
    return turns * 10
  })
  expect(results).toEqual([50, 10, 40, 20, 30])
  expect(most).toBe(2)
  expect(await mapConcurrently([], 3, async () => 1)).toEqual([])
})

test('the first failure is the answer, and nothing is begun after it', async () => {
  const begun: number[] = []
  const work = async (item: number) => {
    begun.push(item)
    await turn()
    if (item === 2) throw new Error('two')
    await turn()
  }
  await expect(mapConcurrently([1, 2, 3, 4, 5, 6], 2, work)).rejects.toThrow('two')
  await turn()
  await turn()
  expect(begun).toEqual([1, 2])
})
