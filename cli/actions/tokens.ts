import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { MusterError } from '../../domain/errors.ts'
import type { Store } from '../../store/contract.ts'
import { openStore } from '../../store/index.ts'
import type { InstallationOptions } from '../commands/common.ts'
import type { AddTokenOptions } from '../commands/tokens.ts'
import { loadConfig } from '../load-config.ts'
import { printJson, printTable } from '../output.ts'
import { sha256Hex } from '../../store/token-crypto.ts'
import { createCleanup } from '../stack/cleanup.ts'
import { openStorePart } from '../stack/parts.ts'
import { runningStack } from '../stack/remembered.ts'

/** 192 bits: nobody guesses them, and they fit into a line. */
const TOKEN_BYTES = 24

export async function addToken(name: string, options: AddTokenOptions): Promise<void> {
  const token = `mst_${randomBytes(TOKEN_BYTES).toString('base64url')}`
  const hash = sha256Hex(token)
  await withTokens(options, (tokens) => tokens.add({ hash, name, role: options.role, createdAt: Date.now() }))
  if (options.json) return printJson({ ok: true, name, role: options.role, token })
  console.log(token)
  console.error(`the token of ${name} (${options.role}), shown this once: only its hash is kept`)
}

export async function listTokens(options: InstallationOptions): Promise<void> {
  const tokens = await withTokens(options, (table) => table.list())
  const rows = tokens.map(({ createdAt, ...row }) => ({
    ...row,
    createdAt: new Date(createdAt).toISOString(),
  }))
  if (options.json) return printJson({ tokens: rows })
  if (rows.length === 0) return console.log('no tokens')
  printTable(
    ['name', 'role', 'made'],
    rows.map((row) => [row.name, row.role, row.createdAt]),
  )
}

export async function removeToken(name: string, options: InstallationOptions): Promise<void> {
  const removed = await withTokens(options, (tokens) => tokens.remove(name))
  if (!removed)
    throw new MusterError('not_found', `there is no token named "${name}"; see muster tokens list`)
  if (options.json) return printJson({ ok: true, name })
  console.log(`${name}: removed; APIs that have just seen it believe it for 5 s more`)
}

async function withTokens<T>(
  options: InstallationOptions,
  use: (tokens: Store['tokens']) => Promise<T>,
): Promise<T> {
  const cleanup = createCleanup((name, error) =>
    console.error(`muster: ${name} did not end: ${String(error)}`),
  )
  try {
    return await use((await storeOf(options, cleanup)).tokens)
  } finally {
    await cleanup.run()
  }
}

async function storeOf(
  { config: file, store }: InstallationOptions,
  cleanup: ReturnType<typeof createCleanup>,
): Promise<Store> {
  if (file !== undefined) {
    const { config } = await loadConfig(file)
    return await openStorePart(config, store ?? join('.muster', 'muster.db'), cleanup)
  }
  const running = runningStack()
  const path = store ?? (running && join(running.state, 'muster.db'))
  if (path === undefined) {
    throw new MusterError(
      'unavailable',
      'which installation? name its config with --config; no stack runs on this machine',
    )
  }
  const opened = await openStore({ file: path })
  cleanup.add('store', () => opened.close())
  return opened
}
