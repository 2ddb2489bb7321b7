import { header, type ApiRequest } from '../request.ts'
import { Refusal } from './refusal.ts'

/** What was sent, whether as JSON or as a form: `incident[components][abc]=operational`. */
export function readBody(request: ApiRequest): Record<string, unknown> {
  if (request.body.length === 0) return {}
  const type = (header(request, 'content-type') ?? '').toLowerCase()
  if (type.startsWith('application/x-www-form-urlencoded')) return nested(request.form)
  if (!type.startsWith('application/json')) {
    throw new Refusal(400, 'The Content-Type must match the body: application/json, or a form.')
  }
  return readJson(request.body.toString('utf8'))
}

function readJson(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
  } catch {
    // Told below, as any other body that is no object.
  }
  throw new Refusal(400, 'The body is not a JSON object.')
}

type Node = Map<string, Node | string | string[]>

function nested(form: readonly [string, string][]): Record<string, unknown> {
  const root: Node = new Map()
  for (const [name, value] of form) {
    const [first = '', ...rest] = [...name.matchAll(/^[^[]+|\[([^\]]*)\]/g)].map(
      ([whole, inner]) => inner ?? whole,
    )
    put(root, [first, ...rest], value)
  }
  return toObject(root)
}

function put(node: Node, [key = '', ...rest]: string[], value: string): void {
  const [next] = rest
  if (next === undefined) {
    node.set(key, value)
  } else if (next === '' && rest.length === 1) {
    const list = node.get(key)
    node.set(key, Array.isArray(list) ? [...list, value] : [value])
  } else {
    const below = node.get(key)
    const inner: Node = below instanceof Map ? below : new Map()
    node.set(key, inner)
    put(inner, rest, value)
  }
}

/** By definition, not by assignment: a key may be called `__proto__`. */
const toObject = (node: Node): Record<string, unknown> =>
  Object.fromEntries([...node].map(([key, value]) => [key, value instanceof Map ? toObject(value) : value]))
