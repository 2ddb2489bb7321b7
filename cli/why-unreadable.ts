/** Why a file could not be read, for people. */
export const whyUnreadable = (error: unknown): string =>
  REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? String(error)

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it is not readable for this user',
}
