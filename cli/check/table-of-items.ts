import { paint, table } from '../output.ts'
import type { CheckItem } from './check-item.ts'

const COLOURS = { ok: 'green', warned: 'yellow', failed: 'red', skipped: 'dim' } as const

/** The findings for people, a line each. */
export function tableOfItems(items: CheckItem[]): string {
  return table(
    ['', 'what', 'found'],
    items.map(({ what, result, detail, field }) => [
      paint(COLOURS[result], result),
      what,
      field === undefined ? detail : `${field}: ${detail}`,
    ]),
  )
}
