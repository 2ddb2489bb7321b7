import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import type { AppEnv } from '../deps.ts'

const TYPES = {
  'style.css': 'text/css; charset=utf-8',
  'live.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const

type AssetName = keyof typeof TYPES

const assets = new Map(
  Object.keys(TYPES).map((name) => {
    const content = readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8')
    const version = createHash('sha256').update(content).digest('hex').slice(0, 10)
    return [name, { content, version }]
  }),
)

/** The address of an asset changes with its content, so browsers may keep it for ever. */
export const assetUrl = (name: AssetName): string => `/assets/${name}?v=${assets.get(name)?.version ?? ''}`

/** Serves the few files of the dashboard; they hold nothing secret and need no log-in. */
export function assetRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  for (const [name, { content }] of assets) {
    app.get(`/assets/${name}`, (c) =>
      c.body(content, 200, {
        'content-type': TYPES[name as AssetName],
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
      }),
    )
  }
  return app
}
