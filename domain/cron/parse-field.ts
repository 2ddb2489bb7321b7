import { FIELD_KINDS } from './fields.ts'
import type { FieldKey, FieldKind, FieldSet } from './fields.ts'
import { adviceFor, outOfRangeAdvice, wrapAdvice } from './advice.ts'

/** What is wrong with one field: `what` is a clause, `advice` says what to write instead. */
export interface FieldProblem {
  what: string
  advice: string
}

/** The numbers of one item of a list, or what is wrong with it. */
type Item = { start: number; end: number; step: number; star: boolean } | FieldProblem

/**
 * Reads one field exactly as robfig/cron v1.2.0 does (`getField`, `getRange` of its `parser.go`): a list of `*`, `?`,
 * `N`, `N-M`, each with an optional `/step`; empty items vanish, `N/step` runs to the field's maximum, and whatever
 * follows `*-` is ignored.
 */
export function parseField(key: FieldKey, text: string): FieldSet | FieldProblem {
  const kind = FIELD_KINDS[key]
  const has = new Uint8Array(kind.max + 1)
  let star = false
  for (const item of text.split(',')) {
    if (item === '') continue
    const read = readItem(key, kind, item)
    if ('what' in read) return read
    star ||= read.star
    for (let value = read.start; value <= read.end; value += read.step) has[value] = 1
  }
  return { has, star }
}

function readItem(key: FieldKey, kind: FieldKind, text: string): Item {
  const [range = '', stepText, ...moreSteps] = text.split('/')
  const [low = '', high, ...moreBounds] = range.split('-')
  const star = isStar(low)
  if (!star && moreBounds.length > 0) {
    return { what: `'${text}' has too many hyphens`, advice: 'Write a range as LOW-HIGH, such as 1-5.' }
  }
  const bounds = star ? { start: kind.min, end: kind.max } : readBounds(key, kind, low, high)
  if ('what' in bounds) return bounds
  if (moreSteps.length > 0) {
    return { what: `'${text}' has too many slashes`, advice: 'Write a step as RANGE/STEP, such as */5.' }
  }
  const step = stepText === undefined ? 1 : readStep(stepText)
  if (typeof step !== 'number') return step
  // "N/step" means "N-max/step".
  const end = high === undefined && stepText !== undefined ? kind.max : bounds.end
  return checkItem(key, kind, { start: bounds.start, end, step, star }, text)
}

const isStar = (low: string) => low === '*' || low === '?'

function readStep(text: string): number | FieldProblem {
  const step = readInt(text)
  if (step !== undefined && step >= 0) return step
  return {
    what: `the step '${text}' is not a positive whole number`,
    advice: 'Write a step as RANGE/STEP, such as */5; steps have no names.',
  }
}

function readBounds(
  key: FieldKey,
  kind: FieldKind,
  low: string,
  high: string | undefined,
): { start: number; end: number } | FieldProblem {
  const start = readValue(kind, low)
  if (start === undefined) return { what: complaint(low), advice: adviceFor(key, low) }
  if (high === undefined) return { start, end: start }
  const end = readValue(kind, high)
  if (end === undefined) return { what: complaint(high), advice: adviceFor(key, high) }
  return { start, end }
}

const complaint = (text: string) =>
  text === '' ? 'a number is missing' : `'${text}' is not a number of this field`

function checkItem(
  key: FieldKey,
  kind: FieldKind,
  item: { start: number; end: number; step: number; star: boolean },
  text: string,
): Item {
  const { start, end, step } = item
  if (start < kind.min) {
    return { what: `${start} is below the minimum of ${kind.min}`, advice: outOfRangeAdvice(key, start) }
  }
  if (end > kind.max) {
    return { what: `${end} is above the maximum of ${kind.max}`, advice: outOfRangeAdvice(key, end) }
  }
  if (start > end) {
    return { what: `'${text}' begins after its end`, advice: wrapAdvice(key, start, end) }
  }
  if (step === 0) {
    return { what: `'${text}' has a step of 0`, advice: 'Write a step of 1 or more, such as */5.' }
  }
  return item
}

function readValue(kind: FieldKind, text: string): number | undefined {
  const named = kind.names.length > 0 ? kind.names.indexOf(text.toLowerCase()) : -1
  return named >= 0 ? named + kind.min : readInt(text)
}

/** As Go's `strconv.Atoi`, less what lies beyond 64 bits: `+5` and `08` are numbers. Undefined for anything else. */
function readInt(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const value = Number(text)
  // 2 ** 63 is not a 64-bit number any more, and 2 ** 63 - 1 reads as 2 ** 63 here.
  if (Math.abs(value) < Number.MAX_SAFE_INTEGER) return value
  const exact = BigInt(text.replace('+', ''))
  return exact > -(2n ** 63n) - 1n && exact < 2n ** 63n ? value : undefined
}
