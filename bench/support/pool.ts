/** Does a job for each item, at most `atOnce` at a time; the first failure ends it. */
export async function inFlight<T>(
  items: Iterable<T>,
  atOnce: number,
  job: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = items[Symbol.iterator]()
  async function work(): Promise<void> {
    for (let next = queue.next(); !next.done; next = queue.next()) await job(next.value)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

export const numbersFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index)
