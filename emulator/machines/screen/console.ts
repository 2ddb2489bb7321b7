/** A serial console that remembers its last 64 KiB. */
export interface SerialConsole {
  write(text: string): void
  text(): string
}

const KEPT_CHARACTERS = 64 * 1024

export function createSerialConsole(): SerialConsole {
  let kept = ''
  return {
    write(text) {
      kept += text
      // Cut at twice the size, so that a chatty machine is not copied at every line.
      if (kept.length > 2 * KEPT_CHARACTERS) kept = kept.slice(-KEPT_CHARACTERS)
    },
    text: () => kept.slice(-KEPT_CHARACTERS),
  }
}
