import { win32 } from 'node:path'

/** Programs that Windows starts without a shell. */
const PROGRAM_EXTENSIONS = ['.exe', '.com']

/**
 * The file that a bare program name means on Windows, found in the absolute folders of PATH alone. Left to itself the
 * system would look in the working directory first, where a workload keeps files that others may have written.
 *
 * @param isFile whether there is a file of this path
 * @returns a name with a folder in it as it is; undefined when no folder of PATH has such a program
 */
export function findProgram(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  isFile: (path: string) => boolean,
): string | undefined {
  if (/[\\/:]/.test(name)) return name
  const names = win32.extname(name) === '' ? PROGRAM_EXTENSIONS.map((extension) => name + extension) : [name]
  return foldersOf(env)
    .flatMap((folder) => names.map((file) => win32.join(folder, file)))
    .find(isFile)
}

/** Names of variables have no case on Windows. A folder may be quoted; one that is not absolute depends on where we are. */
function foldersOf(env: Readonly<Record<string, string | undefined>>): string[] {
  const path = Object.entries(env).find(([name]) => name.toUpperCase() === 'PATH')?.[1] ?? ''
  return path
    .split(';')
    .map((folder) => folder.trim().replace(/^"(.*)"$/, '$1'))
    .filter((folder) => /^([A-Za-z]:[\\/]|[\\/]{2})/.test(folder))
}
