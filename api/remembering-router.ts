import type { Result, Router } from 'hono/router'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import { createLru } from './lru.ts'

/** The paths that come all the time are a handful; a stranger's paths push each other out. */
const REMEMBERED = 200
/** Longer paths are nobody's who comes often. */
const MAX_LENGTH = 200

/**
 * Hono's own choice of routers, and the answers of the last paths. `POST /v1/hosts/status` next to
 * `POST /v1/hosts/:fleet/:slot/…` is too much for its fast router, and the other one splits and walks every path again:
 * as much work for a beat as the check of its body. What a method and a path lead to never changes.
 */
export function createRememberingRouter<T>(): Router<T> {
  const router = new SmartRouter<T>({ routers: [new RegExpRouter(), new TrieRouter()] })
  const known = createLru<Result<T>>(REMEMBERED)
  return {
    name: 'remembering',
    add: (method, path, handler) => router.add(method, path, handler),
    match(method, path) {
      const name = `${method} ${path}`
      const remembered = known.get(name)
      if (remembered !== undefined) return remembered
      const result = router.match(method, path)
      if (name.length <= MAX_LENGTH) known.set(name, result)
      return result
    },
  }
}
