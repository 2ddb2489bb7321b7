import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair } from 'yaml'
import type { Path } from './problem.ts'

/**
 * Where a field is in the text, as an offset. Of a field that is missing, the nearest one around it that is there;
 * of a map or list, its key, because the value begins a line later.
 */
export function offsetOf(document: Document, path: Path, atKey = false): number {
  const { key, value, isThere } = find(document, path)
  const isWord = isScalar(value) && value.value !== null
  const [best, second] = isThere && isWord && !atKey ? [value, key] : [key, value]
  return startOf(best) ?? startOf(second) ?? 0
}

/** The field, or the last one on the way to it. */
function find(document: Document, path: Path): Child & { isThere: boolean } {
  let found: Child = { value: document.contents }
  for (const part of path) {
    const next = child(resolved(document, found.value), part)
    if (!next) return { ...found, isThere: false }
    found = { ...found, ...next }
  }
  return { ...found, isThere: true }
}

interface Child {
  key?: Node
  value: unknown
}

function child(node: unknown, part: string | number): Child | undefined {
  if (isMap(node)) return fieldOf(node.items, String(part))
  if (!isSeq(node)) return undefined
  const item = node.items[Number(part)]
  // A list item has no key: what is missing in it, or all of it, is reported where it begins.
  return item === undefined ? undefined : { value: item, key: item as Node }
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
