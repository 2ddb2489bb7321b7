import Table from 'cli-table3'
import { stripVTControlCharacters, styleText } from 'node:util'

const NO_BORDERS = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) =>
    ['', '-mid', '-left', '-right'].map((corner) => [`${side}${corner}`, '']),
  ),
)

/** For each cell cli-table3 looks at all rows above it: thousands at once would take seconds. */
const ROWS_AT_ONCE = 200

/** Rows for people: aligned, no borders, no colour where the output is not a terminal. */
export function table(head: string[], rows: string[][]): string {
  const bold = head.map((text) => paint('bold', text))
  if (rows.length <= ROWS_AT_ONCE) return laidOut(rows, { head: bold })
  const colWidths = head.map((_, column) => Math.max(...[bold, ...rows].map((row) => widthOf(row[column]))))
  const parts = Array.from({ length: Math.ceil(rows.length / ROWS_AT_ONCE) }, (_, at) =>
    rows.slice(at * ROWS_AT_ONCE, (at + 1) * ROWS_AT_ONCE),
  )
  return [[bold], ...parts].map((part) => laidOut(part, { colWidths })).join('\n')
}

function laidOut(rows: string[][], options: { head?: string[]; colWidths?: number[] }): string {
  const made = new Table({
    ...options,
    chars: { ...NO_BORDERS, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  made.push(...rows)
  // The last column needs no blanks behind it.
  return made.toString().replaceAll(/ +$/gm, '')
}

/** Columns that a text takes at most: what may be wide counts as wide. */
function widthOf(text = ''): number {
  const lines = stripVTControlCharacters(text).split('\n')
  return Math.max(
    ...lines.map((line) => Array.from(line).reduce((sum, char) => sum + (char < '\u1100' ? 1 : 2), 0)),
  )
}

export function printTable(head: string[], rows: string[][]): void {
  console.log(table(head, rows))
}

/**
 * The properties of one thing, a line each; further lines of a value are aligned below its first; empty values are left
 * out.
 */
export function printFacts(facts: Record<string, string | number | undefined>): void {
  const rows = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  const width = Math.max(...rows.map(([name = '']) => name.length))
  const below = `\n${' '.repeat(width + 2)}`
  for (const [name = '', value = ''] of rows) {
    console.log(`${paint('bold', name.padEnd(width))}  ${value.replaceAll('\n', below)}`)
  }
}

/** One JSON line for programs. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value))
}

type Style = Parameters<typeof styleText>[0]

/** Colours only on a terminal that wants them (`NO_COLOR`). */
export function paint(style: Style, text: string): string {
  return process.stdout.isTTY && !process.env['NO_COLOR'] ? styleText(style, text) : text
}

/** How long ago, in the largest sensible unit: `5s`, `12m`, `3h`, `4d`. */
export function age(sinceMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - sinceMs) / 1000))
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`
}
