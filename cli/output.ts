import Table from 'cli-table3'
import { styleText } from 'node:util'

/** Rows for people: aligned, no borders, no colour where the output is not a terminal. */
export function printTable(head: string[], rows: string[][]): void {
  const border = { mid: '', left: '', right: '', middle: '  ', top: '', bottom: '' }
  const none = Object.fromEntries(
    ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) => [
      [side, ''],
      [`${side}-mid`, ''],
      [`${side}-left`, ''],
      [`${side}-right`, ''],
    ]),
  )
  const table = new Table({
    head: head.map((text) => paint('bold', text)),
    chars: { ...none, middle: border.middle, 'mid-mid': '', 'left-mid': '', 'right-mid': '' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  table.push(...rows)
  console.log(table.toString())
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
