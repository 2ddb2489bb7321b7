/** A queue ordered by instant: the earliest first. Thousands of waiting things cost one timer, not one each. */
export interface DueQueue<T> {
  push(dueMs: number, item: T): void
  /** Instant of the earliest, undefined when empty. */
  nextMs(): number | undefined
  /** Takes the earliest if it is due. */
  takeDue(nowMs: number): T | undefined
  readonly size: number
}

interface Entry<T> {
  dueMs: number
  item: T
}

/** A binary heap. */
export function createDueQueue<T>(): DueQueue<T> {
  const heap: Entry<T>[] = []
  return {
    push(dueMs, item) {
      heap.push({ dueMs, item })
      siftUp(heap)
    },
    nextMs: () => heap[0]?.dueMs,
    takeDue(nowMs) {
      const first = heap[0]
      if (first === undefined || first.dueMs > nowMs) return undefined
      const last = heap.pop()
      if (last !== undefined && heap.length > 0) {
        heap[0] = last
        siftDown(heap)
      }
      return first.item
    },
    get size() {
      return heap.length
    },
  }
}

function siftUp(heap: Entry<unknown>[]): void {
  let at = heap.length - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (dueAt(heap, parent) <= dueAt(heap, at)) return
    swap(heap, at, parent)
    at = parent
  }
}

function siftDown(heap: Entry<unknown>[]): void {
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    const smaller = dueAt(heap, left + 1) < dueAt(heap, left) ? left + 1 : left
    if (dueAt(heap, at) <= dueAt(heap, smaller)) return
    swap(heap, at, smaller)
    at = smaller
  }
}

/** Beyond the end nothing is ever due. */
function dueAt(heap: Entry<unknown>[], index: number): number {
  return heap[index]?.dueMs ?? Infinity
}

function swap(heap: Entry<unknown>[], one: number, other: number): void {
  const [first, second] = [heap[one], heap[other]]
  if (first === undefined || second === undefined) return
  heap[one] = second
  heap[other] = first
}
