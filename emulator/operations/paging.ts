import { refuse } from '../errors.ts'
import type { Parameters } from '../fields.ts'

/** Fields of the page-number style. */
export function pageFields(maxPageSize: number) {
  return {
    PageNumber: { type: 'integer', min: 1 },
    PageSize: { type: 'integer', min: 1, max: maxPageSize },
  } as const
}

/** Fields of the token style. */
export const TOKEN_FIELDS = {
  MaxResults: { type: 'integer', note: 'under 10 means 10, over 100 means 100' },
  NextToken: { type: 'string' },
} as const

/** The token style of actions with longer pages. */
export const MANY_RESULTS = {
  MaxResults: { type: 'integer', note: 'under 10 means 10, over 500 means 500' },
  NextToken: { type: 'string' },
} as const

export interface Page<T> {
  items: T[]
  PageNumber: number
  PageSize: number
  TotalCount: number
}

/** One page by number; a page beyond the end is empty. */
export function pageOf<T>(all: readonly T[], parameters: Parameters): Page<T> {
  const number = parameters.number('PageNumber', 1)
  const size = parameters.number('PageSize', 10)
  return {
    items: all.slice((number - 1) * size, number * size),
    PageNumber: number,
    PageSize: size,
    TotalCount: all.length,
  }
}

/** Whether the caller pages by token. */
export function wantsTokens(parameters: Parameters): boolean {
  return parameters.has('MaxResults') || parameters.has('NextToken')
}

/** The cloud's reading of MaxResults: unset or under 10 is 10, over 100 is 100. */
export function maxResults(parameters: Parameters, most = 100): number {
  return Math.min(Math.max(parameters.number('MaxResults', 10), 10), most)
}

/** One page of disks or interfaces, by token or by number as the caller wants. */
export function resourcePage<T extends { rank: number }>(
  found: readonly T[],
  parameters: Parameters,
  view: (page: T[]) => Record<string, unknown>,
): Record<string, unknown> {
  if (wantsTokens(parameters)) {
    const page = tokenPage(found, parameters, maxResults(parameters, 500), ({ rank }) => rank)
    return {
      ...view(page.items),
      NextToken: page.NextToken,
      TotalCount: found.length,
      PageNumber: 0,
      PageSize: 0,
    }
  }
  const { items, ...numbers } = pageOf(found, parameters)
  return { ...view(items), ...numbers, NextToken: '' }
}

/**
 * One page after a token. The token says after which entry to go on, so entries that come or go meanwhile neither
 * repeat nor hide others.
 *
 * @param rank falls from entry to entry.
 */
export function tokenPage<T>(
  all: readonly T[],
  parameters: Parameters,
  size: number,
  rank: (entry: T) => number,
): { items: T[]; NextToken: string } {
  const after = readToken(parameters.text('NextToken'))
  const start = after === undefined ? 0 : lowerBound(all, (entry) => rank(entry) < after)
  const items = all.slice(start, start + size)
  const last = items.at(-1)
  const more = last !== undefined && start + size < all.length
  return { items, NextToken: more ? writeToken(rank(last)) : '' }
}

function lowerBound<T>(all: readonly T[], isAfter: (entry: T) => boolean): number {
  let low = 0
  let high = all.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isAfter(all[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

const TOKEN_PREFIX = 'after:'

function writeToken(rank: number): string {
  return Buffer.from(`${TOKEN_PREFIX}${rank}`).toString('base64url')
}

function readToken(token: string | undefined): number | undefined {
  if (token === undefined) return undefined
  const text = Buffer.from(token, 'base64url').toString('utf8')
  const rank = Number(text.slice(TOKEN_PREFIX.length))
  if (!text.startsWith(TOKEN_PREFIX) || !Number.isFinite(rank)) throw refuse('InvalidNextToken')
  return rank
}
