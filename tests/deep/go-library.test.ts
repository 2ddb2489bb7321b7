import { expect, test } from 'vitest'
import { askGo, hasGo, storedAnswers } from '../cron/go-library.ts'
import { ANSWERED, questionsOf } from '../cron/questions.ts'

test.runIf(hasGo())('the stored answers are what the unmodified Go library says', () => {
  expect(askGo(questionsOf(ANSWERED.seed, ANSWERED.count))).toEqual(storedAnswers())
})
