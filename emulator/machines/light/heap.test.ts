import fc from 'fast-check'
import { expect, test } from 'vitest'
import { propertyRuns } from '../../../domain/testing/property-runs.ts'
import { createDueQueue } from './heap.ts'

test('gives what is due in order, and nothing early', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 300, size: 'max' }),
      fc.integer({ min: 0, max: 1_000 }),
      (dues, nowMs) => {
        const queue = createDueQueue<number>()
        for (const due of dues) queue.push(due, due)
        const taken: number[] = []
        for (let item = queue.takeDue(nowMs); item !== undefined; item = queue.takeDue(nowMs))
          taken.push(item)
        const sorted = dues.toSorted((one, other) => one - other)
        expect(taken).toEqual(sorted.filter((due) => due <= nowMs))
        expect(queue.size).toBe(dues.length - taken.length)
        expect(queue.nextMs()).toBe(sorted.find((due) => due > nowMs))
      },
    ),
    propertyRuns(1),
  )
})
