import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../emulator/random.ts'
import { neverHappened } from './must-happen.ts'
import type { Happened } from './options.ts'
import { nextTrouble, openingTroubles, type Trouble } from './troubles.ts'

const NOTHING: Happened = { troubles: {}, struck: {}, accepted: {}, unanswered: 0 }

/** As if every fault had struck, and every wish had been accepted. */
function allTaken(troubles: readonly Trouble[]): Happened {
  const counts = (some: readonly Trouble[]) => Object.fromEntries(some.map(({ name }) => [name, 1]))
  const of = (kind: Trouble['kind']) => counts(troubles.filter((one) => one.kind === kind))
  return { troubles: counts(troubles), struck: of('fault'), accepted: of('ask'), unanswered: 0 }
}

describe('a run proves nothing about what never happened', () => {
  it.for(['a', 'b', 'c'])('so all of it is in the opening (seed %s)', (seed) => {
    expect(neverHappened(allTaken(openingTroubles(createRandom(seed), 30)))).toEqual([])
  })

  it('so each kind that is missing is told', () => {
    const opening = openingTroubles(createRandom('a'), 30)
    const kinds = new Set(opening.map(({ name }) => name))
    // Deletes that fail are there for the surplus to stay, and one throttled call is as good as another.
    for (const more of ['replace', 'DeleteInstances: error InternalError', 'RunInstances: throttle'])
      kinds.delete(more)
    for (const kind of kinds) {
      const isLeft = ({ name }: Trouble) => name !== kind && name !== 'RunInstances: throttle'
      const told = neverHappened(allTaken(opening.filter(isLeft)))
      expect({ kind, told }).toEqual({ kind, told: [expect.stringContaining('never happened')] })
    }
    expect(neverHappened(NOTHING)).toHaveLength(kinds.size)
  })

  it('so faults that wait in vain, and wishes that nobody took, do not count', () => {
    const { troubles, struck, accepted } = allTaken(openingTroubles(createRandom('a'), 30))
    const waits = { ...struck, 'RunInstances: throttle': 0, 'DescribeInstances: throttle': 0 }
    expect(neverHappened({ troubles, struck: waits, accepted, unanswered: 0 })).toEqual([
      'a throttled call never happened: the run does not prove that it does no harm',
    ])
    expect(neverHappened({ troubles, struck, accepted: {}, unanswered: 9 })).toHaveLength(2)
  })
})

it('the same seed makes the same troubles', () => {
  const troubles = (seed: string) => {
    const random = createRandom(seed)
    return [...openingTroubles(random, 30), ...Array.from({ length: 50 }, () => nextTrouble(random, 30))]
  }
  expect(troubles('a')).toEqual(troubles('a'))
  expect(troubles('a')).not.toEqual(troubles('b'))
})
