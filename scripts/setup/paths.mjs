import { accessSync, constants, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** The folder of package.json. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/**
 * A folder below the user's cache for things fetched once: `$XDG_CACHE_HOME/muster/…`, else `~/.cache/muster/…`.
 * The XDG base directory specification wants a relative `XDG_CACHE_HOME` ignored.
 * @param {...string} parts
 */
export function cacheDir(...parts) {
  const set = process.env['XDG_CACHE_HOME']
  const base = set !== undefined && isAbsolute(set) ? set : join(homedir(), '.cache')
  return join(base, 'muster', ...parts)
}

/**
 * True for a regular file that this user may run.
 * @param {string} path
 */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // not there, or not ours to run: the same to every caller
  }
}

/**
 * Absolute paths of every file of that name on PATH, first one first.
 * @param {string} name
 */
export function onPath(name) {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, name))
    .filter((path) => isExecutable(path))
}
