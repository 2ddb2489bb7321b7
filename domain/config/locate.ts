import { isAlias, isCollection, isMap, isScalar, isSeq, type Document, type Node, type Pair } from 'yaml'
import type { Path } from './problem.ts'

/**
 * Where a field stands in the text, as an offset. Of a field that is missing, the nearest one around it that is there;
 * of a map or list, its key, because the value begins a line later.
 */
export function offsetOf(document: Document, path: Path, atKey = false): number {
  let node: unknown = document.contents
  let key: Node | undefined
  for (const part of path) {
    const next = child(resolved(document, node), part)
    if (!next) return startOf(key) ?? startOf(document.contents) ?? 0
    key = next.key ?? key
    node = next.value
  }
  const hasOwnPlace = !atKey && isScalar(node) && node.source !== '' && node.value !== null
  const place = hasOwnPlace || key === undefined ? node : key
  return startOf(place) ?? startOf(key) ?? 0
}

interface Child {
  key?: Node
  value: unknown
}

function child(node: unknown, part: string | number): Child | undefined {
  if (isMap(node)) return fieldOf(node.items, String(part))
  if (!isSeq(node)) return undefined
  const item = node.items[Number(part)]
  // A list item has no key: what is missing in it is told where it begins.
  return item === undefined ? undefined : { value: item, ...(isCollection(item) && { key: item }) }
}

function fieldOf(pairs: Pair[], name: string): Child | undefined {
  const pair = pairs.find(({ key }) => isScalar(key) && String(key.value) === name)
  return pair && { key: pair.key as Node, value: pair.value }
}

const resolved = (document: Document, node: unknown): unknown =>
  isAlias(node) ? node.resolve(document) : node

function startOf(node: unknown): number | undefined {
  const range = (node as Node | null | undefined)?.range
  return range?.[0]
}
