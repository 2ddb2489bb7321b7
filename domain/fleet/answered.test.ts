import { expect, test } from 'vitest'
import { specForTests } from '../testing/specs.ts'
import { MAX_ANSWERED, answerBefore, withAnswer } from './answered.ts'
import { newFleetState } from './state.ts'

const NOW = 1_800_000_000_000
const HOUR_MS = 3_600_000
const answer = (desired: number) => ({ name: 'render', desired, paused: false, specHash: 'abc' })
const begun = newFleetState({ size: 1, specHash: 'abc', spec: specForTests() }, NOW)

test('an answer is given again for an hour; then its id is that of another wish', () => {
  const state = withAnswer(begun, 'resize:nightly', answer(6), NOW)
  expect(answerBefore(state, 'resize:nightly', NOW + HOUR_MS - 1)).toEqual(answer(6))
  expect(answerBefore(state, 'resize:nightly', NOW + HOUR_MS)).toBeUndefined()
  expect(answerBefore(state, 'resize:other', NOW)).toBeUndefined()
  const later = withAnswer(state, 'resize:nightly', answer(20), NOW + 2 * HOUR_MS)
  expect(answerBefore(later, 'resize:nightly', NOW + 2 * HOUR_MS)).toEqual(answer(20))
  expect(later.answered).toHaveLength(1)
})

test('the last hundred are kept', () => {
  const ids = Array.from({ length: MAX_ANSWERED + 1 }, (_, n) => `roll:${n}`)
  const state = ids.reduce((kept, id) => withAnswer(kept, id, answer(1), NOW), begun)
  expect(state.answered).toHaveLength(MAX_ANSWERED)
  expect(answerBefore(state, 'roll:0', NOW)).toBeUndefined()
  expect(answerBefore(state, `roll:${MAX_ANSWERED}`, NOW)).toEqual(answer(1))
})
