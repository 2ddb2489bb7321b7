import { MusterError } from '../domain/errors.ts'

type Method = (...args: never[]) => Promise<unknown>

/**
 * The same methods, whose failures say which query of which store failed. Whatever the database throws may go away by
 * itself (locked, restarting, full), so it is `unavailable`, which is retried; errors of ours pass as they are.
 */
export function guarded<T extends object>(label: string, part: string, methods: T): T {
  const wrap = ([name, method]: [string, Method]) => [
    name,
    async (...args: never[]) => {
      try {
        return await method(...args)
      } catch (cause) {
        if (cause instanceof MusterError) throw cause
        const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
        throw new MusterError('unavailable', `${part}.${name} failed in the store (${label}): ${reason}`, {
          cause,
        })
      }
    },
  ]
  return Object.fromEntries(Object.entries(methods).map(wrap)) as T
}
