/** The known word that a mistyped one is nearest to, when it is near at all. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const allowed = Math.max(1, Math.floor(word.length / 3))
  const near = known
    .map((name) => ({ name, edits: edits(word.toLowerCase(), name.toLowerCase()) }))
    .filter((candidate) => candidate.edits <= allowed)
  return near.toSorted((a, b) => a.edits - b.edits)[0]?.name
}

/** Letters to insert, drop, change or swap with their neighbour to make one word the other. */
function edits(from: string, to: string): number {
  let before: number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1]
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      next.push(
        Math.min(
          at(row, j - 1) + (isSame ? 0 : 1),
          at(row, j) + 1,
          at(next, j - 1) + 1,
          isSwap ? at(before, j - 2) + 1 : Infinity,
        ),
      )
    }
    before = row
    row = next
  }
  return at(row, to.length)
}

const at = (row: number[], index: number): number => row[index] ?? Infinity
