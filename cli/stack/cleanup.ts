/** What has been started, ended in the reverse order; each part once, whatever the others do. */
export interface Cleanup {
  add(name: string, end: () => unknown): void
  /** Ends everything; errors of single parts are handed to `failed` and do not stop the rest. */
  run(): Promise<void>
}

export function createCleanup(failed: (name: string, error: unknown) => void): Cleanup {
  const parts: { name: string; end: () => unknown }[] = []
  return {
    add: (name, end) => void parts.push({ name, end }),
    async run() {
      for (let part = parts.pop(); part; part = parts.pop()) {
        try {
          await part.end()
        } catch (error) {
          failed(part.name, error)
        }
      }
    },
  }
}
